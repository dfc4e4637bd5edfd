import { useCallback, useMemo } from "react";

import type { Value, ValueRow } from "../../api/types";
import { Bars } from "../../charts/bars";
import { ChartFrame } from "../../charts/frame";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { amountOf } from "../../lib/format";
import { groupRank, groupToken } from "../../lib/groups";

interface Named extends ValueRow {
  name: string;
  token?: string;
}

export function ValueByGroup({ value }: { value: Value }) {
  const t = useWords();
  const sentence = useSentence();
  const rows = useMemo(() => (value.by_group ?? []).toSorted((a, b) => groupRank(a.key) - groupRank(b.key))
    .map((row) => ({ ...row, name: sentence(`group.${row.key}.name`) ?? row.key, token: groupToken(row.key) })), [value, sentence]);
  return <ValueBy title={t("value.byGroup")} rows={rows} file="dangol-value-by-group" />;
}

export function ValueByMarket({ value }: { value: Value }) {
  const t = useWords();
  const f = useFormat();
  const rows = useMemo(() => (value.by_market ?? []).map((row) => ({ ...row, name: f.market(row.key) })), [value, f]);
  return <ValueBy title={t("value.byMarket")} rows={rows} file="dangol-value-by-market" compare />;
}

function ValueBy({ title, rows, file, compare }: { title: string; rows: Named[]; file: string; compare?: boolean }) {
  const t = useWords();
  const f = useFormat();
  const currency = rows[0]?.past.currency ?? "USD";
  const write = useCallback((n: number) => f.moneyNumber(n, currency), [f, currency]);
  const x = useMemo(() => rows.map((row) => row.name), [rows]);
  const series = useMemo(() => {
    const tokens = rows.every((row) => row.token) ? { tokens: rows.map((row) => row.token ?? "") } : {};
    const expected = { name: t("value.expected"), values: rows.map((row) => amountOf(row.expected_value)), ...tokens };
    return compare ? [expected, { name: t("value.past"), values: rows.map((row) => amountOf(row.past)), token: "--series-before" }] : [expected];
  }, [rows, compare, t]);
  const tip = useCallback((at: number) => {
    const row = rows[at];
    return row ? [...(compare ? [] : [{ name: t("value.past"), value: f.moneyShort(row.past) }]), { name: t("rfm.grid.customers"), value: f.int(row.customers) }] : [];
  }, [rows, compare, f, t]);
  const total = rows.reduce((sum, row) => sum + (amountOf(row.expected_value) || 0), 0);
  const best = rows.toSorted((a, b) => (amountOf(b.expected_value) || 0) - (amountOf(a.expected_value) || 0))[0];
  const sentence = best ? t("value.by.sentence", { name: best.name, money: f.moneyShort(best.expected_value), share: f.share(total ? amountOf(best.expected_value) / total : 0), n: f.int(best.customers) }) : t("value.distribution.none");
  return (
    <ChartFrame title={title} sentence={sentence} file={file}
      figures={{
        head: [title, t("rfm.grid.customers"), t("value.expected"), t("value.past")],
        rows: rows.map((row) => [row.name, f.int(row.customers), f.moneyWhole(row.expected_value), f.moneyWhole(row.past)]),
        raw: rows.map((row) => [row.name, row.customers, row.expected_value?.amount, row.past.amount]),
      }}>
      <Bars horizontal label={sentence} x={x} series={series} write={write} tip={tip} height={compare ? Math.max(200, rows.length * 72 + 60) : 330} />
    </ChartFrame>
  );
}
