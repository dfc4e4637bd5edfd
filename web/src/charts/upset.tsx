import { useCallback } from "react";

import type { UpSet } from "../lib/upset";
import { EChart, type ChartOption } from "./echart";
import { categoryAxis, textOf, tipHtml, tooltipOf, valueAxis } from "./parts";
import type { Tokens } from "./tokens";

interface UpSetProps {
  label: string;
  plot: UpSet;
  nameOf: (id: string) => string;
  write: (value: number) => string;
  /** The set that the screen is about: its row stands out. */
  own?: string;
}

const rowHeight = 28;
const barsHeight = 150;

/** Exclusive intersections as bars, and below them which sets each is made of. A Venn diagram that still reads with six sets. */
export function UpSetChart({ label, plot, nameOf, write, own }: UpSetProps) {
  const option = useCallback((tokens: Tokens, width: number): ChartOption => {
    const narrow = width < 560;
    const left = narrow ? 104 : 210;
    const names = plot.sets.map((set) => nameOf(set.id));
    const rowOf = new Map(plot.sets.map((set, row) => [set.id, row]));
    const rows = (ids: string[]) => ids.map((id) => rowOf.get(id) ?? 0);
    const columns = plot.columns.map((_, at) => String(at));
    const filled = plot.columns.flatMap((column, at) => rows(column.ids).map((row) => [at, row]));
    const dots = plot.columns.flatMap((_, at) => plot.sets.map((_set, row) => [at, row]));
    const band = rowHeight * plot.sets.length;
    const short = (name: string) => {
      const room = narrow ? 12 : 26;
      return name.length > room ? `${name.slice(0, room - 1)}…` : name;
    };
    return {
      animation: false,
      tooltip: tooltipOf(tokens, {
        trigger: "item",
        formatter: (item: { seriesName: string; dataIndex: number; value: number | number[] }) => {
          const at = item.seriesName === "bars" ? item.dataIndex : Array.isArray(item.value) ? (item.value[0] ?? 0) : 0;
          const column = plot.columns[at];
          return column ? tipHtml(column.ids.map(nameOf).join(" ∩ "), [{ name: "", value: write(column.customers) }]) : "";
        },
      }),
      grid: [
        { left, right: 12, top: 22, height: barsHeight - 28 },
        { left, right: 12, top: barsHeight, height: band },
      ],
      xAxis: [
        categoryAxis(tokens, columns, { gridIndex: 0, axisLabel: { show: false } }),
        categoryAxis(tokens, columns, { gridIndex: 1, axisLabel: { show: false }, axisLine: { show: false } }),
      ],
      yAxis: [
        valueAxis(tokens, write, { gridIndex: 0, splitNumber: 3 }),
        { ...categoryAxis(tokens, names, { gridIndex: 1, inverse: true, axisLine: { show: false } }), axisLabel: { ...textOf(tokens, narrow ? 11 : 12.5), interval: 0, margin: 12, formatter: (name: string) => short(name) }, splitArea: { show: true, areaStyle: { color: [tokens.color.sunken, "transparent"] } } },
      ],
      series: [
        { type: "bar", name: "bars", xAxisIndex: 0, yAxisIndex: 0, barMaxWidth: 26, data: plot.columns.map((column) => ({ value: column.customers, itemStyle: { color: own && column.ids.includes(own) ? tokens.of("--series-1") : tokens.of("--series-6") } })), itemStyle: { borderRadius: [3, 3, 0, 0] }, emphasis: { disabled: true },
          label: { show: !narrow || plot.columns.length < 7, position: "top", ...textOf(tokens, 11.5), formatter: (item: { value: number }) => write(item.value) } },
        { type: "scatter", name: "none", xAxisIndex: 1, yAxisIndex: 1, symbolSize: 9, silent: true, itemStyle: { color: tokens.color["line-strong"], opacity: 0.55 }, data: dots },
        ...plot.columns.map((column, at) => ({ at, own: rows(column.ids) })).filter((line) => line.own.length > 1).map((line) => ({
          type: "line", name: "link", xAxisIndex: 1, yAxisIndex: 1, silent: true, showSymbol: false, lineStyle: { width: 2.5, color: tokens.color.ink }, data: [[line.at, Math.min(...line.own)], [line.at, Math.max(...line.own)]],
        })),
        { type: "scatter", name: "in", xAxisIndex: 1, yAxisIndex: 1, symbolSize: 12, itemStyle: { color: tokens.color.ink, opacity: 1 }, emphasis: { disabled: true }, data: filled, z: 3 },
      ],
    } as unknown as ChartOption;
  }, [plot, nameOf, write, own]);
  return <EChart label={label} option={option} height={barsHeight + rowHeight * plot.sets.length + 8} />;
}
