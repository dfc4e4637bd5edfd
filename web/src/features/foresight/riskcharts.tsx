import { useCallback, useMemo, useState } from "react";

import { Bars } from "../../charts/bars";
import { ChartFrame } from "../../charts/frame";
import { useFormat, useWords } from "../../i18n/use";
import { amountOf } from "../../lib/format";
import { Switch } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import css from "./foresight.module.css";
import type { Risk, RiskReason } from "./shapes";
import { bandToken, useSaid } from "./words";

const kindToken = { cause: "--bad", sign: "--series-4", context: "--series-6" } as const;
const tokenOf = (kind: string) => kindToken[kind as keyof typeof kindToken] ?? "--series-before";

type Aspect = "share" | "money";

interface ReasonsProps {
  risk: Risk;
  /** The reason whose people are listed. */
  picked: string | undefined;
  onPick: (reason: string) => void;
}

/** Why they leave: what happened to them first, then what they do; of a segment beside how often it is so among all. Each bar is a way to its people. */
export function ReasonsChart({ risk, picked, onPick }: ReasonsProps) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const [aspect, setAspect] = useState<Aspect>("share");
  const rows = useMemo(() => (risk.reasons ?? []).slice(0, 9), [risk]);
  const compared = rows.some((row) => row.share_among_all !== null);
  const byShare = compared && aspect === "share";
  const currency = risk.value_at_risk?.currency ?? "USD";
  const x = useMemo(() => rows.map((row) => said(row.labels)), [rows, said]);
  const write = useCallback((n: number) => (byShare ? f.share(n) : f.moneyNumber(n, currency)), [byShare, f, currency]);
  const series = useMemo(() => (byShare
    ? [{ name: t("risk.reasons.here"), values: rows.map((row) => row.share), token: "--series-1" }, { name: t("risk.reasons.amongAll"), values: rows.map((row) => row.share_among_all), token: "--series-before" }]
    : [{ name: t("risk.atRisk"), values: rows.map((row) => amountOf(row.value_at_risk)), tokens: rows.map((row) => tokenOf(row.kind)) }]), [byShare, rows, t]);
  const tip = useCallback((at: number) => {
    const row = rows[at];
    if (!row) return [];
    const money = byShare ? [{ name: t("risk.atRisk"), value: f.moneyShort(row.value_at_risk) }] : [{ name: t("risk.reasons.share"), value: f.share(row.share) }];
    return [{ name: t("rfm.grid.customers"), value: f.int(row.customers) }, ...(row.kind ? [{ name: t("risk.kind.head"), value: t(`risk.kind.${row.kind}`) }] : []), ...money];
  }, [byShare, rows, f, t]);
  const first = rows.find((row) => row.kind === "cause") ?? rows[0];
  const of = first ? said(first.sentences) || t("risk.reasons.sentence", { reason: said(first.labels), n: f.int(first.customers), money: f.moneyShort(first.value_at_risk) }) : t("risk.reasons.none");
  // Where nothing sets the segment apart, what comes first in it is still worth saying.
  const sentence = rows.some((row) => row.oftener) ? said(risk.drives) : [said(risk.drives), rows.length > 0 || !said(risk.drives) ? of : ""].filter(Boolean).join(" ");
  return (
    <ChartFrame title={t("risk.reasons.title")} sentence={sentence} file="dangol-risk-reasons"
      actions={compared ? <Switch label={t("rfm.grid.measure")} value={aspect} onChange={setAspect} options={[{ value: "share", label: t("risk.reasons.byShare") }, { value: "money", label: t("value.money") }]} /> : undefined}
      figures={{
        head: [t("risk.reasons.reason"), t("risk.kind.head"), t("rfm.grid.customers"), t("risk.atRisk"), t("risk.reasons.share"), ...(compared ? [t("risk.reasons.amongAll")] : [])],
        rows: rows.map((row) => [said(row.labels), row.kind ? t(`risk.kind.${row.kind}`) : "", f.int(row.customers), f.moneyWhole(row.value_at_risk), f.share(row.share), ...(compared ? [f.share(row.share_among_all)] : [])]),
        raw: rows.map((row) => [row.code, row.kind, row.customers, row.value_at_risk?.amount, row.share, ...(compared ? [row.share_among_all] : [])]),
      }}>
      {rows.length > 0 ? <Bars horizontal label={sentence} x={x} series={series} write={write} tip={tip} height={Math.max(220, rows.length * (byShare ? 40 : 34) + (byShare ? 62 : 40))} /> : null}
      <ul className={css.reasonLinks} aria-label={t("risk.reasons.title")}>
        {rows.map((row) => <li key={row.code}><button type="button" aria-pressed={picked === codeOf(row)} onClick={() => onPick(codeOf(row))}><Chip row={row} byKind={!byShare} /></button></li>)}
      </ul>
    </ChartFrame>
  );
}

/** Those without a reason are asked for by a word, for without one everybody is. */
export const codeOf = (row: RiskReason): string => row.code || "none";

function Chip({ row, byKind }: { row: RiskReason; byKind: boolean }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  return (
    <>
      {byKind ? <span className={css.dot} style={{ background: `var(${tokenOf(row.kind)})` }} aria-hidden /> : null}
      {said(row.labels)}
      <b>{f.int(row.customers)}</b>
      {row.oftener ? <span className={css.oftener}><Icon name="up" size={12} />{t("risk.reasons.oftener")}</span> : null}
    </>
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
