import { useCallback, useMemo } from "react";

import type { Clv, Holdout } from "../../api/types";
import { Bars } from "../../charts/bars";
import { ChartFrame } from "../../charts/frame";
import { Lines } from "../../charts/lines";
import { useFormat, useWords } from "../../i18n/use";

/** Repeat orders forecast week by week against those that came; right of the mark the model had seen nothing. */
export function TrackingChart({ holdout, kind }: { holdout: Holdout; kind: "cumulative" | "weekly" }) {
  const t = useWords();
  const f = useFormat();
  const points = useMemo(() => holdout.tracking ?? [], [holdout]);
  const write = useCallback((n: number) => f.compact(n), [f]);
  const x = useMemo(() => points.map((p) => f.day(p.day)), [points, f]);
  const series = useMemo(() => [
    { name: t("health.actual"), values: points.map((p) => (kind === "cumulative" ? p.actual_cumulative : p.actual_weekly)) },
    { name: t("health.expected"), values: points.map((p) => (kind === "cumulative" ? p.expected_cumulative : p.expected_weekly)), token: "--series-2", dashed: true },
  ], [points, kind, t]);
  const split = points.find((p) => p.day >= holdout.calibrate_until);
  const mark = useMemo(() => (split ? { x: f.day(split.day), text: t("health.split") } : undefined), [split, f, t]);
  const sentence = t(`health.tracking.${kind}.sentence`, { until: f.day(holdout.calibrate_until), expected: f.int(holdout.expected), actual: f.int(holdout.actual) });
  return (
    <ChartFrame title={t(`health.tracking.${kind}.title`)} sentence={sentence} file={`dangol-tracking-${kind}`}
      figures={{
        head: [t("table.week"), t("health.actual"), t("health.expected")],
        rows: points.map((p, at) => [f.day(p.day), f.int(series[0]?.values[at]), f.decimal(series[1]?.values[at], 1)]),
        raw: points.map((p, at) => [p.day, series[0]?.values[at], series[1]?.values[at]]),
      }}>
      <Lines label={sentence} x={x} series={series} write={write} min={0} height={280} {...(mark ? { mark } : {})} />
    </ChartFrame>
  );
}

/** How many customers repeated how often, and how many the model would have expected to. */
export function HistogramChart({ clv }: { clv: Clv }) {
  const t = useWords();
  const f = useFormat();
  const bins = useMemo(() => clv.histogram ?? [], [clv]);
  const write = useCallback((n: number) => f.compact(n), [f]);
  const x = useMemo(() => bins.map((bin) => bin.orders), [bins]);
  const series = useMemo(() => [
    { name: t("health.actual"), values: bins.map((bin) => bin.actual) },
    { name: t("health.expected"), values: bins.map((bin) => bin.expected), token: "--series-2" },
  ], [bins, t]);
  const everyone = bins.reduce((sum, bin) => sum + bin.actual, 0);
  const misplaced = bins.reduce((sum, bin) => sum + Math.abs(bin.actual - bin.expected), 0) / 2;
  const sentence = t("health.histogram.sentence", { share: f.share(everyone ? misplaced / everyone : 0), n: f.int(bins[0]?.actual) });
  return (
    <ChartFrame title={t("health.histogram.title")} sentence={sentence} file="dangol-frequency"
      figures={{
        head: [t("health.histogram.axis"), t("health.actual"), t("health.expected")],
        rows: bins.map((bin) => [bin.orders, f.int(bin.actual), f.decimal(bin.expected, 1)]),
        raw: bins.map((bin) => [bin.orders, bin.actual, bin.expected]),
      }}>
      <Bars label={sentence} x={x} series={series} write={write} height={280} xName={t("health.histogram.axis")} />
    </ChartFrame>
  );
}

/** In the weeks that the model had not seen: orders per customer by how often they had come back before. */
export function ByFrequencyChart({ holdout }: { holdout: Holdout }) {
  const t = useWords();
  const f = useFormat();
  const blocks = useMemo(() => (holdout.by_frequency ?? []).filter((block) => block.customers > 0), [holdout]);
  const write = useCallback((n: number) => f.decimal(n, 1), [f]);
  const x = useMemo(() => blocks.map((block) => String(block.x)), [blocks]);
  const series = useMemo(() => [
    { name: t("health.actual"), values: blocks.map((block) => block.actual_mean) },
    { name: t("health.expected"), values: blocks.map((block) => block.expected_mean), token: "--series-2", dashed: true },
  ], [blocks, t]);
  const last = blocks.at(-1);
  const sentence = t("health.frequency.sentence", { x: String(last?.x ?? ""), expected: f.decimal(last?.expected_mean, 2), actual: f.decimal(last?.actual_mean, 2) });
  return (
    <ChartFrame title={t("health.frequency.title")} sentence={sentence} file="dangol-holdout-by-frequency"
      figures={{
        head: [t("health.frequency.axis"), t("rfm.grid.customers"), t("health.actual"), t("health.expected")],
        rows: blocks.map((block) => [String(block.x), f.int(block.customers), f.decimal(block.actual_mean, 2), f.decimal(block.expected_mean, 2)]),
        raw: blocks.map((block) => [String(block.x), block.customers, block.actual_mean, block.expected_mean]),
      }}>
      <Lines label={sentence} x={x} series={series} write={write} min={0} height={280} xName={t("health.frequency.axis")} />
    </ChartFrame>
  );
}
