import { useCallback } from "react";

import { EChart, type ChartOption } from "./echart";
import { categoryAxis, gridOf, legendOf, textOf, tipHtml, tooltipOf, valueAxis } from "./parts";
import type { Tokens } from "./tokens";

export interface BarSeries {
  name: string;
  values: (number | null)[];
  token?: string;
  /** A colour for each bar, as CSS variables. */
  tokens?: string[];
}

interface BarsProps {
  label: string;
  x: string[];
  series: BarSeries[];
  write: (value: number) => string;
  height?: number;
  horizontal?: boolean;
  xName?: string;
  tip?: (at: number) => { name: string; value: string }[];
}

/** Amounts side by side, from zero. */
export function Bars({ label, x, series, write, height, horizontal, xName, tip }: BarsProps) {
  const option = useCallback((tokens: Tokens, width: number): ChartOption => {
    const names = categoryAxis(tokens, x, {
      ...(horizontal ? { inverse: true, axisLine: { show: false } } : {}),
      ...(xName ? { name: xName, nameLocation: "middle", nameGap: 30, nameTextStyle: textOf(tokens) } : {}),
      axisLabel: { ...textOf(tokens, width < 420 ? 11 : 12), hideOverlap: !horizontal, margin: 10 },
    });
    // Amounts written out are wide: side by side, only so many fit.
    const values = valueAxis(tokens, write, horizontal && width < 460 ? { splitNumber: 2 } : {});
    return {
      animation: false,
      grid: gridOf({ top: series.length > 1 ? 36 : 14, bottom: xName ? 24 : 4 }),
      ...(series.length > 1 ? { legend: legendOf(tokens) } : {}),
      tooltip: tooltipOf(tokens, {
        trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: tokens.color.ink, opacity: 0.05 } },
        formatter: (points: { dataIndex: number; seriesName: string; value: number; color: string }[]) => {
          const at = points[0]?.dataIndex ?? 0;
          const own = points.filter((p) => p.value !== null && p.value !== undefined).map((p) => ({ name: p.seriesName, value: write(p.value), color: p.color }));
          return tipHtml(x[at] ?? "", [...own, ...(tip ? tip(at) : [])]);
        },
      }),
      xAxis: horizontal ? values : names,
      yAxis: horizontal ? names : values,
      series: series.map((bars, at) => {
        const color = bars.token ? tokens.of(bars.token) : tokens.series[at % tokens.series.length];
        return {
          type: "bar" as const, name: bars.name, color, barMaxWidth: 34, barGap: "12%",
          itemStyle: { borderRadius: horizontal ? [0, 3, 3, 0] : [3, 3, 0, 0], color }, emphasis: { disabled: true },
          data: bars.values.map((value, index) => (bars.tokens?.[index] ? { value, itemStyle: { color: tokens.of(bars.tokens[index]) } } : value)),
        };
      }),
    } as ChartOption;
  }, [x, series, write, horizontal, xName, tip]);
  return <EChart label={label} option={option} {...(height ? { height } : {})} />;
}
