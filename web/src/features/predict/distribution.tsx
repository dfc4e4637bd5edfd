import { useCallback, useMemo, useState } from "react";

import type { Value } from "../../api/types";
import { Bars } from "../../charts/bars";
import { ChartFrame } from "../../charts/frame";
import { Lines } from "../../charts/lines";
import { useFormat, useWords } from "../../i18n/use";
import { amountOf } from "../../lib/format";
import { Switch } from "../../ui/controls";

type Measure = "customers" | "value";

/** How many customers are expected to bring how much. */
export function DistributionChart({ value }: { value: Value }) {
  const t = useWords();
  const f = useFormat();
  const [measure, setMeasure] = useState<Measure>("customers");
  const bins = useMemo(() => value.distribution ?? [], [value]);
  const currency = value.past_total.currency;
  const range = useCallback((bin: (typeof bins)[number]) => `${f.moneyShort(bin.from)}–${f.moneyShort(bin.to)}`, [f]);
  const x = useMemo(() => bins.map(range), [bins, range]);
  const write = useCallback((n: number) => (measure === "customers" ? f.compact(n) : f.moneyNumber(n, currency)), [measure, f, currency]);
  const series = useMemo(() => [{ name: measure === "customers" ? t("rfm.grid.customers") : t("value.expected"), values: bins.map((bin) => (measure === "customers" ? bin.customers : amountOf(bin.value))) }], [bins, measure, t]);
  const tip = useCallback((at: number) => {
    const bin = bins[at];
    if (!bin) return [];
    return measure === "customers" ? [{ name: t("value.expected"), value: f.moneyShort(bin.value) }] : [{ name: t("rfm.grid.customers"), value: f.int(bin.customers) }];
  }, [bins, measure, f, t]);
  const everyone = bins.reduce((sum, bin) => sum + bin.customers, 0);
  const peak = bins.toSorted((a, b) => b.customers - a.customers)[0];
  const sentence = peak ? t(peak.customers * 2 > everyone ? "value.distribution.sentence" : "value.distribution.largest", { from: f.moneyShort(peak.from), to: f.moneyShort(peak.to), n: f.int(peak.customers), share: f.share(everyone ? peak.customers / everyone : 0) }) : t("value.distribution.none");
  return (
    <ChartFrame title={t("value.distribution.title")} sentence={sentence} file="dangol-expected-value"
      actions={<Switch label={t("rfm.grid.measure")} value={measure} onChange={setMeasure} options={[{ value: "customers", label: t("rfm.grid.customers") }, { value: "value", label: t("value.money") }]} />}
      figures={{
        head: [t("value.distribution.range"), t("rfm.grid.customers"), t("value.expected")],
        rows: bins.map((bin) => [range(bin), f.int(bin.customers), f.moneyWhole(bin.value)]),
        raw: bins.map((bin) => [`${bin.from.amount}–${bin.to.amount}`, bin.customers, bin.value.amount]),
      }}>
      <Bars label={sentence} x={x} series={series} write={write} tip={tip} height={290} xName={t("value.distribution.axis")} />
    </ChartFrame>
  );
}

/** How much of the value the best share of customers holds. */
export function ParetoChart({ value }: { value: Value }) {
  const t = useWords();
  const f = useFormat();
  const points = useMemo(() => [{ share_customers: 0, share_value: 0 }, ...(value.pareto ?? []).filter((p) => p.share_customers > 0)], [value]);
  const write = useCallback((n: number) => f.percent(n), [f]);
  const x = useMemo(() => points.map((p) => f.percent(p.share_customers)), [points, f]);
  const series = useMemo(() => [
    { name: t("value.pareto.line"), values: points.map((p) => p.share_value), area: true },
    { name: t("value.pareto.equal"), values: points.map((p) => p.share_customers), token: "--ink-3", dashed: true },
  ], [points, t]);
  const half = points.find((p) => p.share_value >= 0.5);
  const sentence = t("value.pareto.sentence", { top: f.share(value.top_decile_share), half: f.share(half?.share_customers) });
  return (
    <ChartFrame title={t("value.pareto.title")} sentence={sentence} file="dangol-pareto"
      figures={{
        head: [t("value.pareto.customers"), t("value.pareto.value")],
        rows: points.map((p) => [f.percent(p.share_customers), f.percent(p.share_value, 1)]),
        raw: points.map((p) => [p.share_customers, p.share_value]),
      }}>
      <Lines label={sentence} x={x} series={series} write={write} min={0} max={1} height={290} xName={t("value.pareto.axis")} {...(points.length > 90 ? { every: 10 } : {})} />
    </ChartFrame>
  );
}
