import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";

import { useScope } from "../../api/scope";
import type { CohortGroup, Cohorts } from "../../api/types";
import { ChartFrame } from "../../charts/frame";
import { Lines } from "../../charts/lines";
import { useFormat, useWords } from "../../i18n/use";
import { amountOf } from "../../lib/format";
import { Switch } from "../../ui/controls";
import { Answer, LoadingPage } from "../../ui/state";
import { cohortsQuery } from "./queries";

type By = "market" | "category";
type Show = "retention" | "cumulative";

/** The same triangle, pooled: which markets, and which first purchases, make customers who stay. */
export function CohortCompare({ by }: { by: By }) {
  const query = useQuery(cohortsQuery(useScope(), by));
  return <Answer query={query} loading={<LoadingPage />}>{(data) => <Compared by={by} data={data} />}</Answer>;
}

// More lines or months than these cross each other without saying more; the triangle holds the rest.
const most = 6;
const months = 12;

function Compared({ by, data }: { by: By; data: Cohorts }) {
  const t = useWords();
  const f = useFormat();
  const [show, setShow] = useState<Show>("retention");
  const groups = useMemo(() => (data.groups ?? []).toSorted((a, b) => b.size - a.size).slice(0, most), [data]);
  const currency = groups[0]?.periods?.[0]?.cumulative_value_per_customer.currency ?? "USD";
  const name = useCallback((key: string) => (by === "market" ? f.market(key) : key || t("cohorts.noCategory")), [by, f, t]);
  const write = useCallback((value: number) => (show === "retention" ? f.percent(value) : f.moneyNumber(value, currency)), [show, f, currency]);
  const length = Math.min(months + 1, Math.max(0, ...groups.map((g) => (g.periods ?? []).length)));
  // Everyone buys in month 0: the line of what follows would lie flat beneath it.
  const start = show === "retention" ? 1 : 0;
  const x = useMemo(() => Array.from({ length: Math.max(0, length - start) }, (_, at) => String(at + start)), [length, start]);
  const series = useMemo(() => groups.map((group) => ({ name: name(group.key), values: x.map((index) => valueAt(group, Number(index), show)) })), [groups, x, show, name]);
  const sentence = useSentenceOf(groups, show, name, write);
  // One group is the whole triangle over again.
  if (groups.length < 2) return null;
  return (
    <ChartFrame title={t(`cohorts.by.${by}`)} sentence={sentence} file={`dangol-cohorts-by-${by}`}
      actions={<Switch label={t("cohorts.show")} value={show} onChange={setShow} options={[{ value: "retention", label: t("cohorts.measure.retention.name") }, { value: "cumulative", label: t("cohorts.measure.cumulative.name") }]} />}
      figures={{
        head: [t("cohorts.monthsSince"), ...series.map((s) => s.name)],
        rows: x.map((index, at) => [index, ...series.map((s) => { const v = s.values[at]; return v === null || v === undefined ? "–" : write(v); })]),
        raw: x.map((index, at) => [Number(index), ...series.map((s) => s.values[at])]),
      }}>
      <Lines label={sentence} x={x} xFull={x.map((index) => t("cohorts.month", { count: Number(index) }))} series={series} write={write} min={0} height={300} xName={t("cohorts.monthsSince")} />
    </ChartFrame>
  );
}

function valueAt(group: CohortGroup, index: number, show: Show): number | null {
  const period = (group.periods ?? []).find((p) => p.index === index);
  if (!period) return null;
  return show === "retention" ? period.retention : amountOf(period.cumulative_value_per_customer);
}

function useSentenceOf(groups: CohortGroup[], show: Show, name: (key: string) => string, write: (value: number) => string): string {
  const t = useWords();
  const common = Math.min(...groups.map((g) => Math.max(0, ...(g.periods ?? []).map((p) => p.index))));
  const at = [12, 6, 3, 1].find((index) => index <= common);
  if (groups.length < 2 || at === undefined) return t("cohorts.compareNone");
  const ranked = groups.map((g) => ({ key: g.key, value: valueAt(g, at, show) ?? 0 })).toSorted((a, b) => b.value - a.value);
  const best = ranked[0];
  const worst = ranked.at(-1);
  if (!best || !worst) return t("cohorts.compareNone");
  const values = { count: at, best: name(best.key), bestValue: write(best.value), worst: name(worst.key), worstValue: write(worst.value) };
  return show === "retention" ? t("cohorts.compareRetention", values) : t("cohorts.compareValue", values);
}
