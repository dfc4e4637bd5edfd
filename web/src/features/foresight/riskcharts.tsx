import { useCallback, useMemo, useState } from "react";

import { Bars } from "../../charts/bars";
import { ChartFrame } from "../../charts/frame";
import { useFormat, useWords } from "../../i18n/use";
import { amountOf } from "../../lib/format";
import { Switch } from "../../ui/controls";
import css from "./foresight.module.css";
import type { Risk, RiskReason } from "./shapes";
import { bandToken, useSaid } from "./words";

const kindToken = { cause: "--bad", sign: "--series-4", context: "--series-6" } as const;
const tokenOf = (kind: string) => kindToken[kind as keyof typeof kindToken] ?? "--series-before";

const worthSaying = 0.05;

/** The reason, a cause if there is one, that comes first in this segment clearly more often than among all. */
function moreThanUsual(rows: RiskReason[]): RiskReason | undefined {
  const more = rows.filter((row) => row.code !== "" && row.share_among_all !== null && row.share - row.share_among_all >= worthSaying);
  return more.find((row) => row.kind === "cause") ?? more[0];
}

/** Why they leave: what happened to them first, then what they do. Each bar is a way to its people. */
export function ReasonsChart({ risk, onPick }: { risk: Risk; onPick: (reason: string) => void }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const rows = useMemo(() => (risk.reasons ?? []).slice(0, 9), [risk]);
  const currency = risk.value_at_risk?.currency ?? "USD";
  const x = useMemo(() => rows.map((row) => said(row.labels)), [rows, said]);
  const write = useCallback((n: number) => f.moneyNumber(n, currency), [f, currency]);
  const series = useMemo(() => [{ name: t("risk.atRisk"), values: rows.map((row) => amountOf(row.value_at_risk)), tokens: rows.map((row) => tokenOf(row.kind)) }], [rows, t]);
  const tip = useCallback((at: number) => {
    const row = rows[at];
    return row ? [{ name: t("rfm.grid.customers"), value: f.int(row.customers) }, ...(row.kind ? [{ name: t("risk.kind.head"), value: t(`risk.kind.${row.kind}`) }] : []), { name: t("risk.reasons.share"), value: f.share(row.share) }, ...(row.share_among_all === null ? [] : [{ name: t("risk.reasons.amongAll"), value: f.share(row.share_among_all) }])] : [];
  }, [rows, f, t]);
  const first = rows.find((row) => row.kind === "cause") ?? rows[0];
  const compared = rows.some((row) => row.share_among_all !== null);
  const own = moreThanUsual(rows);
  const sentence = own ? t("risk.reasons.more", { reason: said(own.labels), here: f.share(own.share), all: f.share(own.share_among_all) }) : first ? said(first.sentences) || t("risk.reasons.sentence", { reason: said(first.labels), n: f.int(first.customers), money: f.moneyShort(first.value_at_risk) }) : t("risk.reasons.none");
  return (
    <ChartFrame title={t("risk.reasons.title")} sentence={sentence} file="dangol-risk-reasons"
      figures={{
        head: [t("risk.reasons.reason"), t("risk.kind.head"), t("rfm.grid.customers"), t("risk.atRisk"), t("risk.reasons.share"), ...(compared ? [t("risk.reasons.amongAll")] : [])],
        rows: rows.map((row) => [said(row.labels), row.kind ? t(`risk.kind.${row.kind}`) : "", f.int(row.customers), f.moneyWhole(row.value_at_risk), f.share(row.share), ...(compared ? [f.share(row.share_among_all)] : [])]),
        raw: rows.map((row) => [row.code, row.kind, row.customers, row.value_at_risk?.amount, row.share, ...(compared ? [row.share_among_all] : [])]),
      }}>
      <Bars horizontal label={sentence} x={x} series={series} write={write} tip={tip} height={Math.max(220, rows.length * 34 + 40)} />
      <ul className={css.reasonLinks} aria-label={t("risk.reasons.title")}>
        {rows.map((row) => <li key={row.code}><button type="button" onClick={() => onPick(row.code)}><span className={css.dot} style={{ background: `var(${tokenOf(row.kind)})` }} aria-hidden />{said(row.labels)}<b>{f.int(row.customers)}</b></button></li>)}
      </ul>
    </ChartFrame>
  );
}

type Measure = "customers" | "money";

/** How the risk lies over everybody, from sure to stay to nearly gone. */
export function BandsChart({ risk }: { risk: Risk }) {
  const t = useWords();
  const f = useFormat();
  const [measure, setMeasure] = useState<Measure>("customers");
  const bins = useMemo(() => risk.histogram ?? [], [risk]);
  const bands = useMemo(() => risk.bands ?? [], [risk]);
  const currency = risk.value_at_risk?.currency ?? "USD";
  const byMoney = measure === "money";
  const x = useMemo(() => (byMoney ? bands.map((band) => t(`risk.band.${band.band}`)) : bins.map((bin) => `${f.percent(bin.low)}–${f.percent(bin.high)}`)), [byMoney, bands, bins, f, t]);
  const write = useCallback((n: number) => (byMoney ? f.moneyNumber(n, currency) : f.compact(n)), [byMoney, f, currency]);
  const series = useMemo(() => {
    if (byMoney) return [{ name: t("risk.atRisk"), values: bands.map((band) => amountOf(band.value_at_risk)), tokens: bands.map((band) => bandToken[band.band]) }];
    const bandOf = (at: number) => bandToken[bands.find((band) => at >= band.from && at < band.to)?.band ?? "high"];
    return [{ name: t("rfm.grid.customers"), values: bins.map((bin) => bin.customers), tokens: bins.map((bin) => bandOf((bin.low + bin.high) / 2)) }];
  }, [byMoney, bands, bins, t]);
  const high = bands.find((band) => band.band === "high");
  const low = bands.find((band) => band.band === "low");
  const sentence = t("risk.bands.sentence", { high: f.int(high?.customers ?? 0), low: f.int(low?.customers ?? 0), from: f.percent(high?.from ?? null), to: f.percent(low?.to ?? null) });
  return (
    <ChartFrame title={t("risk.bands.title")} sentence={sentence} file="dangol-risk-bands"
      actions={<Switch label={t("rfm.grid.measure")} value={measure} onChange={setMeasure} options={[{ value: "customers", label: t("rfm.grid.customers") }, { value: "money", label: t("value.money") }]} />}
      figures={byMoney ? {
        head: [t("risk.band.head"), t("rfm.grid.customers"), t("value.expected"), t("risk.atRisk")],
        rows: bands.map((band) => [t(`risk.band.${band.band}`), f.int(band.customers), f.moneyWhole(band.value), f.moneyWhole(band.value_at_risk)]),
        raw: bands.map((band) => [band.band, band.customers, band.value?.amount, band.value_at_risk?.amount]),
      } : {
        head: [t("risk.risk"), t("rfm.grid.customers")],
        rows: bins.map((bin, at) => [x[at] ?? "", f.int(bin.customers)]),
        raw: bins.map((bin) => [`${bin.low}-${bin.high}`, bin.customers]),
      }}>
      <Bars label={sentence} x={x} series={series} write={write} height={330} xName={byMoney ? t("risk.band.head") : t("risk.risk")} />
    </ChartFrame>
  );
}
