import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { ChartFrame } from "../../charts/frame";
import { Lines } from "../../charts/lines";
import { Waterfall, type Step } from "../../charts/waterfall";
import { useFormat, useWords } from "../../i18n/use";
import { Tag } from "../../ui/badge";
import { GoLink } from "../../ui/golink";
import { Columns, Panel, Stack } from "../../ui/page";
import { Answer, Empty, LoadingPage, Note } from "../../ui/state";
import { Stat, Stats } from "../../ui/stat";
import css from "./foresight.module.css";
import { predictionsQuery } from "./queries";
import { isUntrained } from "./risk";
import type { Predictions } from "./shapes";
import { SuggestionsPanel } from "./suggestions";
import { WhatIfPanel } from "./whatif";
import { bandTone, useSaid } from "./words";

/** What is to be expected of one person, why, and what would change it. */
export function Foresight({ id }: { id: string }) {
  const t = useWords();
  const query = useQuery(predictionsQuery(id));
  if (!query.data && isUntrained(query.error)) {
    return <><Empty icon="warning" title={t("risk.untrainedTitle")} sentence={t("risk.untrained")} action={<GoLink to="/predictions">{t("risk.train")}</GoLink>} /><SuggestionsPanel id={id} /></>;
  }
  return <Answer query={query} loading={<LoadingPage rows={2} />}>{(p) => <Full p={p} id={id} />}</Answer>;
}

function Full({ p, id }: { p: Predictions; id: string }) {
  const t = useWords();
  const said = useSaid();
  if (p.risk === null) return <><Note>{said(p.sentences) || t("foresight.outside")}</Note><SuggestionsPanel id={id} /></>;
  return (
    <>
      <Figures p={p} risk={p.risk} />
      <Columns kind="lead">
        <WaterfallChart p={p} risk={p.risk} />
        <Reasons p={p} />
      </Columns>
      <Columns>
        {(p.survival ?? []).length > 1 ? <SurvivalChart p={p} /> : null}
        <Stack><WhatIfPanel id={id} risk={p.risk} /></Stack>
      </Columns>
      <SuggestionsPanel id={id} />
    </>
  );
}

function Figures({ p, risk }: { p: Predictions; risk: number }) {
  const t = useWords();
  const f = useFormat();
  const days = f.int(p.horizon_days);
  return (
    <Stats>
      <Stat label={t("foresight.risk")} meaning={t("risk.riskMeaning")} value={f.share(risk)} aside={<Tag tone={bandTone[p.band]}>{t(`risk.band.${p.band}`)}</Tag>}
        below={t("foresight.interval", { low: f.share(p.risk_low), high: f.share(p.risk_high), days })} />
      <Stat label={t("foresight.base")} value={f.share(p.base_risk)} below={t("foresight.baseNote")} />
      {p.paid_until ? <Stat label={t("foresight.paidUntil")} value={f.day(p.paid_until)} /> : null}
      {p.expected_leaving_day ? <Stat label={t("foresight.leaving")} meaning={t("foresight.leavingMeaning")} value={f.day(p.expected_leaving_day)} /> : null}
      {p.next_order?.day ? <Stat label={t("foresight.next")} value={f.day(p.next_order.day)} below={p.next_order.low && p.next_order.high ? t("foresight.nextBetween", { low: f.day(p.next_order.low), high: f.day(p.next_order.high) }) : undefined} /> : null}
      {p.value ? <Stat label={t("customers.column.expectedValue")} meaning={t("term.expectedValue")} value={f.moneyWhole(p.value.amount)} exact={f.money(p.value.amount)}
        below={p.value.low && p.value.high ? t("foresight.valueBetween", { low: f.moneyShort(p.value.low), high: f.moneyShort(p.value.high) }) : undefined} /> : null}
    </Stats>
  );
}

/** From what is usual to what is hers, reason by reason. */
function WaterfallChart({ p, risk }: { p: Predictions; risk: number }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const steps = useMemo(() => walkOf(p, risk, { usual: t("foresight.usual"), rest: t("foresight.rest"), hers: t("foresight.hers") }, said), [p, risk, said, t]);
  const write = useCallback((n: number) => f.percent(n), [f]);
  const sentence = said(p.sentences) || t("foresight.waterfall.sentence", { base: f.share(p.base_risk), risk: f.share(risk) });
  return (
    <ChartFrame title={t("foresight.waterfall.title")} sentence={sentence} file={`dangol-reasons-${p.customer}`}
      figures={{
        head: [t("risk.reasons.reason"), t("foresight.from"), t("foresight.to")],
        rows: steps.map((step) => [step.name, step.whole ? "" : f.percent(step.from, 1), f.percent(step.to, 1)]),
        raw: steps.map((step) => [step.name, step.whole ? null : step.from, step.to]),
      }}>
      <Waterfall label={sentence} steps={steps} write={write} max={1} upIsBad height={Math.max(220, steps.length * 36 + 34)} />
    </ChartFrame>
  );
}

// Steps too small to see are one step.
const smallStep = 0.005;

/** The walk from the usual risk to hers. The server's first and last steps are the levels themselves. */
function walkOf(p: Predictions, risk: number, words: { usual: string; rest: string; hers: string }, said: ReturnType<typeof useSaid>): Step[] {
  const steps: Step[] = [{ name: words.usual, from: 0, to: p.base_risk, whole: true }];
  let at = p.base_risk;
  for (const step of p.waterfall ?? []) {
    const size = step.to - step.from;
    if (step.from === 0 || Math.abs(size) < smallStep) continue;
    steps.push({ name: said(step.labels) || step.code, from: at, to: at + size });
    at += size;
  }
  if (Math.abs(risk - at) >= smallStep / 2) steps.push({ name: words.rest, from: at, to: risk });
  return [...steps, { name: words.hers, from: 0, to: risk, whole: true }];
}

const shownReasons = 6;

function Reasons({ p }: { p: Predictions }) {
  const t = useWords();
  const f = useFormat();
  const said = useSaid();
  const reasons = (p.reasons ?? []).slice(0, shownReasons);
  return (
    <Panel title={t("foresight.reasons")} note={t("foresight.reasonsNote")}>
      {reasons.length === 0 ? <Note>{t("foresight.noReasons")}</Note> : (
        <ul className={css.reasons}>
          {reasons.map((reason) => (
            <li key={reason.code}>
              <span className={css.dot} style={{ background: reason.effect > 0 ? "var(--bad)" : "var(--good)" }} aria-hidden />
              <span className={css.reasonText}>{said(reason.sentences) || said(reason.labels)}<small>{t(`risk.kind.${reason.kind}`)}</small></span>
              <span className={css.effect} data-tone={reason.effect > 0 ? "bad" : "good"}>{t("foresight.points", { n: `${reason.effect < 0 ? "−" : "+"}${f.decimal(Math.abs(reason.effect) * 100, 0)}` })}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function SurvivalChart({ p }: { p: Predictions }) {
  const t = useWords();
  const f = useFormat();
  const points = useMemo(() => p.survival ?? [], [p]);
  const x = useMemo(() => points.map((point) => f.int(point.days)), [points, f]);
  const series = useMemo(() => [{ name: t("foresight.survival.line"), values: points.map((point) => point.p_active), area: true }], [points, t]);
  const write = useCallback((n: number) => f.percent(n), [f]);
  const last = points.at(-1);
  const sentence = t("foresight.survival.sentence", { days: f.int(last?.days ?? null), share: f.share(last?.p_active ?? null) });
  return (
    <ChartFrame title={t("foresight.survival.title")} sentence={sentence} file={`dangol-survival-${p.customer}`}
      figures={{ head: [t("foresight.survival.axis"), t("foresight.survival.line")], rows: points.map((point) => [f.int(point.days), f.percent(point.p_active, 1)]), raw: points.map((point) => [point.days, point.p_active]) }}>
      <Lines label={sentence} x={x} series={series} write={write} min={0} max={1} height={290} xName={t("foresight.survival.axis")} />
    </ChartFrame>
  );
}
