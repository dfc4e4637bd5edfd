import { lazy, Suspense, useCallback, useMemo } from "react";

import type { Kpi, KpiPoint } from "../../api/types";
import { ChartFrame } from "../../charts/frame";
import { useFormat, useWords } from "../../i18n/use";
import { amountOf } from "../../lib/format";
import { Switch } from "../../ui/controls";
import { Skeleton } from "../../ui/state";
import { AheadLine, useAhead } from "../forecast/ahead";
import { pointValue, readCourse, trends, type Trend } from "./kpis";

// The first figures must not wait for the drawing library.
const Lines = lazy(() => import("../../charts/lines").then((module) => ({ default: module.Lines })));

interface TrendProps {
  kpi: Kpi;
  trend: Trend;
  onTrend: (trend: Trend) => void;
}

/** One figure of the period through time, and what its course says. */
export function TrendChart({ kpi, trend, onTrend }: TrendProps) {
  const t = useWords();
  const f = useFormat();
  const all = useMemo(() => kpi.series ?? [], [kpi]);
  // A step that the period cuts would look like a fall that never was.
  const points = useMemo(() => (all.some((p) => !p.partial) ? all.filter((p) => !p.partial) : all), [all]);
  const sentence = useTrendSentence(kpi, all, trend);
  const write = useCallback((value: number) => {
    if (trend === "retention_rate") return f.percent(value);
    if (trend === "revenue" || trend === "average_order_value") return f.moneyNumber(value, kpi.revenue.currency);
    return f.compact(value);
  }, [f, trend, kpi]);
  const place = useCallback((day: string) => (kpi.bucket === "month" ? f.month(day) : f.dayShort(day)), [f, kpi.bucket]);
  const ahead = useAhead(trend, kpi.bucket, points.at(-1)?.start);
  // A quarter of what is drawn, so that the past keeps the picture.
  const next = useMemo(() => (ahead?.forecast ?? []).slice(0, Math.max(3, Math.round(points.length / 4))), [ahead, points.length]);
  const x = useMemo(() => [...points, ...next].map((p) => place(p.start)), [points, next, place]);
  const series = useMemo(() => {
    const main = { name: t(`trend.${trend}`), values: points.map((p) => pointValue(p, trend)), area: true };
    if (trend === "customers") {
      return [main, { name: t("trend.retained"), values: points.map((p) => p.retained_customers), token: "--series-3" }, { name: t("trend.new"), values: points.map((p) => p.new_customers), token: "--series-2" }];
    }
    if (trend === "revenue") return [main, { name: t("trend.refunds"), values: points.map((p) => amountOf(p.refunds)), token: "--series-2" }];
    return [main];
  }, [points, trend, t]);
  const dashed = useMemo(() => {
    if (next.length === 0) return [];
    const joint = series[0]?.values.at(-1) ?? null;
    return [{ name: t("forecast.next"), values: [...points.slice(1).map(() => null), joint, ...next.map((p) => (p.closed ? null : p.value))], token: "--series-1", dashed: true }];
  }, [points, next, series, t]);
  const drawn = useMemo(() => [...series, ...dashed], [series, dashed]);
  const figures = {
    head: [t("trend.start"), ...series.map((s) => s.name)],
    rows: points.map((p, at) => [f.day(p.start), ...series.map((s) => { const v = s.values[at]; return v === null || v === undefined ? "–" : write(v); })]),
    raw: points.map((p, at) => [p.start, ...series.map((s) => s.values[at])]),
  };
  return (
    <ChartFrame title={t("trend.title", { what: t(`trend.${trend}`) })} sentence={sentence} figures={figures} file={`dangol-trend-${trend}`}
      actions={<Switch label={t("trend.choose")} value={trend} options={trends.map((value) => ({ value, label: t(`trend.${value}`) }))} onChange={onTrend} />}>
      <Suspense fallback={<Skeleton height={290} />}><Lines label={sentence} x={x} series={drawn} write={write} height={290} min={trend === "average_order_value" ? undefined : 0} /></Suspense>
      {ahead ? <AheadLine data={ahead} /> : null}
    </ChartFrame>
  );
}

function useTrendSentence(kpi: Kpi, points: KpiPoint[], trend: Trend): string {
  const t = useWords();
  const f = useFormat();
  const whole = points.filter((p) => !p.partial);
  const course = readCourse(whole, trend);
  if (!course) return t("trend.nothing");
  const value = pointValue(course.peak, trend) ?? 0;
  const money = trend === "revenue" || trend === "average_order_value";
  const peak = t(`trend.peak.${kpi.bucket as "day" | "week" | "month"}`, {
    day: kpi.bucket === "month" ? f.month(course.peak.start) : f.day(course.peak.start),
    value: money ? f.moneyNumber(value, kpi.revenue.currency) : trend === "retention_rate" ? f.percent(value, 1) : f.int(value),
  });
  const parts = [peak];
  if (course.halves !== null) {
    const size = f.percent(Math.abs(course.halves), Math.abs(course.halves) < 0.1 ? 1 : 0);
    parts.push(Math.abs(course.halves) < 0.01 ? t("trend.level") : course.halves > 0 ? t("trend.rose", { size }) : t("trend.fell", { size }));
  }
  if (trend === "retention_rate") parts.push(t(`trend.step.${kpi.bucket as "day" | "week" | "month"}`));
  if (whole.length < points.length) parts.push(t(`trend.cut.${kpi.bucket as "day" | "week" | "month"}`));
  return parts.join(" ");
}
