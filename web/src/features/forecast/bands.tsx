import { useCallback } from "react";

import { EChart, type ChartOption } from "../../charts/echart";
import { categoryAxis, gridOf, legendOf, tipHtml, tooltipOf, valueAxis } from "../../charts/parts";
import type { Tokens } from "../../charts/tokens";

/** One place of the axis: a step of the past, or one to come with its bands. */
export interface Place {
  x: string;
  full: string;
  past: number | null;
  next: number | null;
  low80: number | null;
  high80: number | null;
  low95: number | null;
  high95: number | null;
  odd: boolean;
  change: boolean;
}

export interface BandWords {
  past: string;
  next: string;
  band80: string;
  band95: string;
  odd: string;
  change: string;
}

interface BandsProps {
  label: string;
  places: Place[];
  words: BandWords;
  write: (value: number) => string;
  height?: number;
}

/** A figure's past, its median to come, and the bands around it. */
export function Bands({ label, places, words, write, height }: BandsProps) {
  const option = useCallback((tokens: Tokens): ChartOption => {
    const color = tokens.color["series-1"];
    const line = { type: "line" as const, showSymbol: false, emphasis: { disabled: true }, silent: true };
    // A band is a line that is not seen and, on top of it, the area up to the other edge.
    const band = (name: string, stack: string, low: (number | null)[], high: (number | null)[], opacity: number) => [
      { ...line, name: "", stack, data: low, lineStyle: { opacity: 0 }, itemStyle: { color, opacity: 0 } },
      { ...line, name, stack, data: high.map((v, at) => (v === null ? null : v - (low[at] ?? 0))), lineStyle: { opacity: 0 }, itemStyle: { color, opacity: opacity * 2.2 }, areaStyle: { color, opacity } },
    ];
    const dots = (name: string, on: (p: Place) => boolean, tone: string, symbol: string) => ({
      type: "scatter" as const, name, symbol, symbolSize: 10, data: places.map((p) => (on(p) ? p.past : null)), itemStyle: { color: tone, borderColor: tokens.color.surface, borderWidth: 1.5 }, z: 5,
    });
    const marks = [
      ...(places.some((p) => p.odd) ? [dots(words.odd, (p) => p.odd, tokens.color.bad, "circle")] : []),
      ...(places.some((p) => p.change) ? [dots(words.change, (p) => p.change, tokens.color.warn, "diamond")] : []),
    ];
    const names = [words.past, words.next, words.band80, words.band95, ...marks.map((m) => m.name)];
    return {
      animation: false, grid: gridOf({ top: 36 }), legend: legendOf(tokens, { data: names }),
      tooltip: tooltipOf(tokens, {
        trigger: "axis", axisPointer: { lineStyle: { color: tokens.color["line-strong"] } },
        formatter: (points: { dataIndex: number }[]) => {
          const p = places[points[0]?.dataIndex ?? 0];
          if (!p) return "";
          const rows = [
            ...(p.past === null ? [] : [{ name: words.past, value: write(p.past), color }]),
            ...(p.next === null || p.low80 === p.high80 ? [] : [{ name: words.next, value: write(p.next), color }]),
            ...(p.low80 === null || p.high80 === null || p.low80 === p.high80 ? [] : [{ name: words.band80, value: `${write(p.low80)} – ${write(p.high80)}` }]),
            ...(p.low95 === null || p.high95 === null || p.low95 === p.high95 ? [] : [{ name: words.band95, value: `${write(p.low95)} – ${write(p.high95)}` }]),
          ];
          return tipHtml(p.full + (p.odd ? ` · ${words.odd}` : "") + (p.change ? ` · ${words.change}` : ""), rows);
        },
      }),
      xAxis: categoryAxis(tokens, places.map((p) => p.x), { boundaryGap: false }),
      yAxis: valueAxis(tokens, write, { min: 0 }),
      series: [
        ...band(words.band95, "wide", places.map((p) => p.low95), places.map((p) => p.high95), 0.1),
        ...band(words.band80, "near", places.map((p) => p.low80), places.map((p) => p.high80), 0.17),
        { ...line, name: words.past, data: places.map((p) => p.past), lineStyle: { width: 2, color }, itemStyle: { color } },
        { ...line, name: words.next, data: places.map((p) => p.next), lineStyle: { width: 2, type: [5, 4] as unknown as "dashed", color }, itemStyle: { color } },
        ...marks,
      ],
    } as ChartOption;
  }, [places, words, write]);
  return <EChart label={label} option={option} {...(height ? { height } : {})} />;
}
