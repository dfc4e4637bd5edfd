import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { useFormat, useSentence, useWords } from "../../i18n/use";
import { segmentName } from "../../lib/groups";
import { useKept } from "../../ui/asof";
import { Button, Choice } from "../../ui/controls";
import { GoLink } from "../../ui/golink";
import { Icon } from "../../ui/icons";
import { Columns, Page } from "../../ui/page";
import { Answer, Empty, LoadingPage, Note } from "../../ui/state";
import { Stat, Stats } from "../../ui/stat";
import css from "./foresight.module.css";
import { crowdsQuery, riskQuery } from "./queries";
import { BandsChart, ReasonsChart } from "./riskcharts";
import { RiskMarkets } from "./riskmarkets";
import { RiskPeopleList } from "./riskpeople";
import type { Risk } from "./shapes";
import { useSaid } from "./words";

export interface RiskSearch {
  segment?: string;
  band?: string;
  reason?: string;
  sort?: string;
}

/** Who is about to leave, what they are worth, and why. */
export function RiskScreen() {
  const t = useWords();
  const said = useSaid();
  const { scope, ready, notice } = useKept();
  const { segment } = useSearch({ from: "/risk" });
  const query = useQuery({ ...riskQuery(scope, segment), enabled: ready, retry: false });
  const untrained = !query.data && isUntrained(query.error);
  return (
    <Page title={t("risk.title")} above={segment ? <BackTo segment={segment} /> : undefined} lede={ready && query.data ? said(query.data.sentences) : undefined} actions={untrained ? undefined : <><CrowdChoice /><GoLink to="/predictions/$kind" params={{ kind: "churn" }} look="quiet" icon="chart">{t("risk.model")}</GoLink></>}>
      {notice}
      {!ready ? null : untrained ? (
        <Empty icon="warning" title={t("risk.untrainedTitle")} sentence={t("risk.untrained")} action={<GoLink to="/predictions">{t("risk.train")}</GoLink>} />
      ) : <Answer query={query} loading={<LoadingPage rows={2} />}>{(risk) => <Full risk={risk} />}</Answer>}
    </Page>
  );
}

function useCrowdName() {
  const sentence = useSentence();
  return (slug: string, name = slug) => segmentName(sentence, slug, name);
}

/** Of whom the picture is: everybody who may leave, or a segment of them. */
function CrowdChoice() {
  const t = useWords();
  const nameOf = useCrowdName();
  const { segment } = useSearch({ from: "/risk" });
  const navigate = useNavigate({ from: "/risk" });
  const { data } = useQuery(crowdsQuery);
  // Nobody is in an archived one; one that is not there any more is named all the same, so that it can be left.
  const items = (data?.items ?? []).filter((one) => !one.archived || one.slug === segment);
  const missing = segment && !items.some((one) => one.slug === segment) ? [{ value: segment, label: nameOf(segment) }] : [];
  const options = [{ value: "", label: t("risk.everybody") }, ...missing, ...items.map((one) => ({ value: one.slug, label: nameOf(one.slug, one.name) }))];
  return <Choice hideLabel size="sm" width={240} label={t("risk.segment")} value={segment ?? ""} options={options} onChange={(next) => void navigate({ search: (before) => ({ ...before, segment: next || undefined }), replace: true })} />;
}

function BackTo({ segment }: { segment: string }) {
  const nameOf = useCrowdName();
  const { data } = useQuery(crowdsQuery);
  const found = data?.items?.find((one) => one.slug === segment);
  return data && !found ? null : <Link to="/segments/$slug" params={{ slug: segment }} className={css.back}><Icon name="left" size={14} />{nameOf(segment, found?.name)}</Link>;
}

/** Whether the fault says that no model was trained yet. */
export function isUntrained(error: unknown): boolean {
  return error instanceof Error && "reason" in error && /\.(no_model|not_scored)$/.test(String(error.reason));
}

function Full({ risk }: { risk: Risk }) {
  const t = useWords();
  const said = useSaid();
  const search = useSearch({ from: "/risk" });
  const navigate = useNavigate({ from: "/risk" });
  const change = (next: RiskSearch) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });
  if (risk.customers === 0) return <Empty icon="search" title={t("risk.people.none")} sentence={t("risk.nobody")} action={search.segment ? <Button onClick={() => change({ segment: undefined })}>{t("risk.everybody")}</Button> : undefined} />;
  // Reasons are counted of those whose risk is medium or high, and lead to these.
  const pick = (reason: string) => change(search.reason === reason ? { reason: undefined, band: undefined } : { reason, band: "raised" });
  return (
    <>
      <Figures risk={risk} />
      <Columns>
        <ReasonsChart risk={risk} picked={search.reason} onPick={pick} />
        <BandsChart risk={risk} />
      </Columns>
      <RiskPeopleList risk={risk} search={search} onChange={change} />
      {(risk.markets ?? []).length > 1 ? <RiskMarkets risk={risk} /> : null}
      <Note>{said(risk.definition.sentences)}</Note>
    </>
  );
}

function Figures({ risk }: { risk: Risk }) {
  const t = useWords();
  const f = useFormat();
  const bands = risk.bands ?? [];
  const high = bands.find((band) => band.band === "high");
  const mean = risk.customers > 0 ? bands.reduce((sum, band) => sum + band.mean_risk * band.customers, 0) / risk.customers : null;
  return (
    <Stats>
      <Stat label={t("risk.atRisk")} meaning={t("risk.atRiskMeaning")} value={f.moneyShort(risk.value_at_risk)} exact={f.money(risk.value_at_risk)} below={t("risk.next12")} />
      <Stat label={t("risk.high")} meaning={t("risk.highMeaning", { from: f.percent(high?.from ?? null) })} value={f.int(high?.customers ?? 0)} below={t("risk.ofAll", { share: f.share(risk.customers ? (high?.customers ?? 0) / risk.customers : 0), n: f.int(risk.customers) })} />
      <Stat label={t("risk.highValue")} value={f.moneyShort(high?.value ?? null)} exact={f.money(high?.value ?? null)} below={t("risk.highValueNote")} />
      <Stat label={t("risk.mean")} meaning={t("risk.meanMeaning", { days: f.int(risk.horizon_days) })} value={f.share(mean)} below={t(risk.definition.basis === "subscription" ? "risk.withinPaid" : "risk.within", { days: f.int(risk.horizon_days) })} />
    </Stats>
  );
}
