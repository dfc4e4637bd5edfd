import { useCallback, useMemo } from "react";

import { Bars } from "../../charts/bars";
import { ChartFrame } from "../../charts/frame";
import { Lines } from "../../charts/lines";
import { useFormat, useWords } from "../../i18n/use";
import type { ModelCard } from "./shapes";
import { useSaid } from "./words";

/** Whether a chance of one in three comes true one time in three. */
export function ReliabilityChart({ card }: { card: ModelCard }) {
  const t = useWords();
  const f = useFormat();
  const bins = useMemo(() => (card.quality?.reliability ?? []).filter((bin) => bin.rows > 0), [card]);
  const x = useMemo(() => bins.map((bin) => f.percent(bin.predicted)), [bins, f]);
  const write = useCallback((n: number) => f.percent(n), [f]);
  const series = useMemo(() => [
    { name: t("predictions.actual"), values: bins.map((bin) => bin.actual) },
    { name: t("predictions.reliability.ideal"), values: bins.map((bin) => bin.predicted), token: "--ink-3", dashed: true },
  ], [bins, t]);
  const sentence = t("predictions.reliability.sentence", { ece: f.percent(card.quality?.ece ?? null, 1) });
  return (
    <ChartFrame title={t("predictions.reliability.title")} sentence={sentence} file="dangol-reliability"
      figures={{
        head: [t("predictions.predicted"), t("predictions.actual"), t("rfm.grid.customers")],
        rows: bins.map((bin) => [f.percent(bin.predicted, 1), f.percent(bin.actual, 1), f.int(bin.rows)]),
        raw: bins.map((bin) => [bin.predicted, bin.actual, bin.rows]),
      }}>
      <Lines label={sentence} x={x} series={series} write={write} min={0} max={1} height={290} xName={t("predictions.predicted")} />
    </ChartFrame>
  );
}

/** How many leave in each tenth of the customers, the riskiest tenth first. */
export function LiftChart({ card }: { card: ModelCard }) {
  const t = useWords();
  const f = useFormat();
  const slices = useMemo(() => card.quality?.lift ?? [], [card]);
  const x = useMemo(() => slices.map((slice) => f.int(slice.decile)), [slices, f]);
  const write = useCallback((n: number) => f.percent(n), [f]);
  const series = useMemo(() => [{ name: t("predictions.left"), values: slices.map((slice) => slice.actual) }], [slices, t]);
  const tip = useCallback((at: number) => (slices[at] ? [{ name: t("predictions.lift.lift"), value: `${f.decimal(slices[at].lift, 1)}×` }] : []), [slices, f, t]);
  const first = slices[0];
  const sentence = t("predictions.lift.sentence", { share: f.share(first?.actual ?? null), lift: f.decimal(first?.lift ?? null, 1) });
  return (
    <ChartFrame title={t("predictions.lift.title")} sentence={sentence} file="dangol-lift"
      figures={{
        head: [t("predictions.lift.decile"), t("rfm.grid.customers"), t("predictions.left"), t("predictions.lift.lift")],
        rows: slices.map((slice) => [f.int(slice.decile), f.int(slice.rows), f.percent(slice.actual, 1), f.decimal(slice.lift, 2)]),
        raw: slices.map((slice) => [slice.decile, slice.rows, slice.actual, slice.lift]),
      }}>
      <Bars label={sentence} x={x} series={series} write={write} tip={tip} height={290} xName={t("predictions.lift.decile")} />
    </ChartFrame>
  );
}

/** Which reasons move the scores most, over everybody. */
export function DriversChart({ card }: { card: ModelCard }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const rows = useMemo(() => (card.drivers ?? []).toSorted((a, b) => b.weight - a.weight).filter((row, _, all) => row.weight > 0.02 * (all[0]?.weight ?? 0)).slice(0, 12), [card]);
  const markets = useMemo(() => [...new Set(rows.flatMap((row) => Object.keys(row.by_market ?? {})))].filter((market) => market !== "").toSorted(), [rows]);
  const x = useMemo(() => rows.map((row) => said(row.labels) || row.code), [rows, said]);
  const write = useCallback((n: number) => f.decimal(n, 2), [f]);
  const series = useMemo(() => (markets.length > 1 && markets.length <= 4
    ? markets.map((market) => ({ name: f.market(market), values: rows.map((row) => row.by_market?.[market] ?? null) }))
    : [{ name: t("predictions.drivers.weight"), values: rows.map((row) => row.weight) }]), [rows, markets, f, t]);
  const cause = rows.find((row) => row.kind === "cause");
  const sentence = cause ? t("predictions.drivers.sentence", { first: said(rows[0]?.labels), cause: said(cause.labels) }) : t("predictions.drivers.plain", { first: said(rows[0]?.labels) });
  return (
    <ChartFrame title={t("predictions.drivers.title")} sentence={sentence} file="dangol-drivers"
      figures={{
        head: [t("risk.reasons.reason"), t("risk.kind.head"), t("predictions.drivers.weight"), ...markets.map((market) => f.market(market))],
        rows: rows.map((row) => [said(row.labels), t(`risk.kind.${row.kind}`), f.decimal(row.weight, 3), ...markets.map((market) => f.decimal(row.by_market?.[market], 3))]),
        raw: rows.map((row) => [row.code, row.kind, row.weight, ...markets.map((market) => row.by_market?.[market])]),
      }}>
      <Bars horizontal label={sentence} x={x} series={series} write={write} height={Math.max(240, rows.length * (series.length > 1 ? 16 * series.length + 14 : 32) + 50)} />
    </ChartFrame>
  );
}
