import { useCallback } from "react";

import { EChart, type ChartOption } from "./echart";
import { categoryAxis, gridOf, legendOf, textOf, tipHtml, tooltipOf, valueAxis } from "./parts";
import type { Tokens } from "./tokens";

export interface LineSeries {
  name: string;
  values: (number | null)[];
  /** A CSS variable; the palette's next colour without one. */
  token?: string;
  dashed?: boolean;
  area?: boolean;
  /** Dots only, for events. */
  dots?: boolean;
  step?: boolean;
}

interface LinesProps {
  label: string;
  x: string[];
  /** The whole text of a point's place, for the tooltip; the axis text without one. */
  xFull?: string[];
  series: LineSeries[];
  write: (value: number) => string;
  height?: number;
  /** Shades all from a point on, such as the weeks that the model had not seen. */
  mark?: { x: string; text: string };
  max?: number;
  min?: number;
  xName?: string;
  /** Labels only each n-th place of the axis. */
  every?: number;
}

/** Values along an ordered axis. */
export function Lines(props: LinesProps) {
  const { label, x, xFull, series, write, height, mark, max, min, xName, every } = props;
  const option = useCallback((tokens: Tokens, width: number): ChartOption => ({
    animation: false,
    grid: gridOf({ top: series.length > 1 ? 36 : 14, bottom: xName ? 24 : 4 }),
    ...(series.length > 1 ? { legend: legendOf(tokens) } : {}),
    tooltip: tooltipOf(tokens, {
      trigger: "axis",
      axisPointer: { lineStyle: { color: tokens.color["line-strong"] } },
      formatter: (points: { dataIndex: number; seriesName: string; value: number | null; color: string }[]) => {
        const at = points[0]?.dataIndex ?? 0;
        return tipHtml(xFull?.[at] ?? x[at] ?? "", points.filter((p) => p.value !== null && p.value !== undefined).map((p) => ({ name: p.seriesName, value: write(p.value as number), color: p.color })));
      },
    }),
    xAxis: categoryAxis(tokens, x, { boundaryGap: false, ...(every ? { axisLabel: { ...textOf(tokens), margin: 10, interval: (width < 460 ? 2 * every : every) - 1 } } : {}), ...(xName ? { name: xName, nameLocation: "middle", nameGap: 30, nameTextStyle: textOf(tokens) } : {}) }),
    yAxis: valueAxis(tokens, write, { ...(max === undefined ? {} : { max }), ...(max === 1 ? { interval: 0.25 } : {}), ...(min === undefined ? {} : { min }) }),
    series: series.map((line, at) => {
      const color = line.token ? tokens.of(line.token) : tokens.series[at % tokens.series.length];
      return {
        type: "line" as const, name: line.name, data: line.values, color, showSymbol: Boolean(line.dots), showAllSymbol: true, symbol: "circle", symbolSize: line.dots ? 7 : 5, connectNulls: false,
        ...(line.step ? { step: "end" as const } : {}),
        lineStyle: { width: line.dots ? 0 : 2, type: line.dashed ? ([5, 4] as unknown as "dashed") : "solid", color }, itemStyle: { color },
        ...(line.area ? { areaStyle: { color, opacity: 0.09 } } : {}), emphasis: { disabled: true },
        ...(mark && at === 0 ? {
          markArea: { silent: true, itemStyle: { color: tokens.color.ink, opacity: 0.045 }, label: { ...textOf(tokens, 11.5), position: "insideTopLeft" as const, distance: 6 }, data: [[{ name: mark.text, xAxis: mark.x }, { xAxis: x.at(-1) ?? "" }]] },
        } : {}),
      };
    }),
  }) as ChartOption, [x, xFull, series, write, mark, max, min, xName, every]);
  return <EChart label={label} option={option} {...(height ? { height } : {})} />;
}
