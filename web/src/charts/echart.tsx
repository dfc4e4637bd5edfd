import { BarChart, LineChart, SankeyChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, LegendScrollComponent, MarkAreaComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { EChartsOption } from "echarts/types/dist/option";
import { useEffect, useRef, useState } from "react";

import css from "./echart.module.css";
import { readTokens, type Tokens } from "./tokens";

use([LineChart, BarChart, SankeyChart, ScatterChart, GridComponent, LegendComponent, LegendScrollComponent, TooltipComponent, MarkAreaComponent, SVGRenderer]);

export type ChartOption = EChartsOption;

interface EChartProps {
  label: string;
  height?: number;
  /** Builds the picture from the colours of the day or the night, and from the room there is. */
  option: (tokens: Tokens, width: number) => ChartOption;
  onPick?: (name: string, kind: string) => void;
}

/** Draws as SVG, so that it is sharp at any size and on paper; redraws when the scheme or the width changes. */
export function EChart({ label, height = 280, option, onPick }: EChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const [room, setRoom] = useState({ width: 0, scheme: "" });

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const measure = () => setRoom((before) => {
      const after = { width: Math.round(element.clientWidth), scheme: document.documentElement.dataset["mantineColorScheme"] ?? "" };
      return before.width === after.width && before.scheme === after.scheme ? before : after;
    });
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    const schemes = new MutationObserver(measure);
    schemes.observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });
    return () => {
      sizes.disconnect();
      schemes.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!element || room.width === 0) return;
    chart.current ??= init(element, null, { renderer: "svg" });
    chart.current.resize({ width: room.width, height });
    chart.current.setOption(option(readTokens(element), room.width), { notMerge: true });
  }, [room, option, height]);

  useEffect(() => {
    const drawn = chart.current;
    if (!drawn || !onPick) return undefined;
    const pick = (event: { name?: string; dataType?: string }) => onPick(event.name ?? "", event.dataType ?? "");
    drawn.on("click", pick as never);
    return () => void drawn.off("click", pick as never);
  }, [onPick, room]);

  return <div ref={box} className={css.chart} style={{ height }} role="img" aria-label={label} data-pick={onPick ? true : undefined} />;
}
