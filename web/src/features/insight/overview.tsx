import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { useScope } from "../../api/scope";
import { statusQuery } from "../../api/status";
import type { Kpi, Overview } from "../../api/types";
import { Spark } from "../../charts/spark";
import { useFormat, useWords } from "../../i18n/use";
import { changeOf, amountOf } from "../../lib/format";
import { countOf } from "../../lib/search";
import { Delta } from "../../ui/badge";
import { Switch } from "../../ui/controls";
import { Columns, Page, Panel } from "../../ui/page";
import { Answer, Loading, Skeleton } from "../../ui/state";
import { Stat, Stats } from "../../ui/stat";
import { Findings } from "./findings";
import { changeIn, isCut, kpiSpecs, trendOf } from "./kpis";
import css from "./overview.module.css";
import { overviewQuery } from "./queries";
import { TrendChart } from "./trend";

const spans = ["30", "90", "180", "365"] as const;

/** The first screen: how the shop stands, whom to act on, and where it is going. */
export function OverviewScreen() {
  const t = useWords();
  const scope = useScope();
  const search = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const days = countOf(search.days, 90);
  const query = useQuery(overviewQuery(scope, days));
  const lede = useLede(query.data, days);
  return (
    <Page title={t("overview.title")} lede={lede}
      actions={
        <Switch label={t("overview.period")} value={String(days)} size="sm" options={spans.map((span) => ({ value: span, label: t("overview.days", { count: Number(span) }) }))}
          onChange={(next) => void navigate({ search: (before) => ({ ...before, days: next === "90" ? undefined : next }) })} />
      }>
      <Answer query={query} loading={<OverviewLoading />}>
        {(data) => (
          <>
            <KpiGrid kpi={data.kpi} days={days} />
            <Findings findings={data.findings ?? []} />
            <Columns kind="lead">
              <TrendChart kpi={data.kpi} trend={trendOf(search.trend)} onTrend={(trend) => void navigate({ search: (before) => ({ ...before, trend: trend === "revenue" ? undefined : trend }), replace: true })} />
              <ExpectedValue data={data} />
            </Columns>
          </>
        )}
      </Answer>
    </Page>
  );
}

function useLede(data: Overview | undefined, days: number): string | undefined {
  const t = useWords();
  const f = useFormat();
  if (!data) return undefined;
  const { kpi } = data;
  const values = { count: days, to: f.day(kpi.to), customers: f.int(kpi.customers), revenue: f.moneyShort(kpi.revenue) };
  const change = kpi.previous ? changeOf(amountOf(kpi.revenue), amountOf(kpi.previous.revenue)) : null;
  if (change === null) return t("overview.lede.alone", values);
  if (Math.abs(change) < 0.005) return t("overview.lede.same", values);
  const size = f.percent(Math.abs(change), Math.abs(change) < 0.1 ? 1 : 0);
  return change > 0 ? t("overview.lede.more", { ...values, size }) : t("overview.lede.less", { ...values, size });
}

function KpiGrid({ kpi, days }: { kpi: Kpi; days: number }) {
  const t = useWords();
  const f = useFormat();
  const whole = (kpi.series ?? []).filter((point) => !isCut(point, kpi));
  return (
    <Stats wide>
      {kpiSpecs.map((spec) => {
        const course = spec.course;
        return (
          <Stat key={spec.key} label={t(`kpi.${spec.key}.name`)} meaning={t(`kpi.${spec.key}.meaning`)} value={spec.write(f, kpi)} exact={spec.exact?.(f, kpi)}
            aside={<Delta change={changeIn(spec, kpi)} good={spec.good} label={t("overview.against", { count: days })} />}
            below={kpi.previous ? t("overview.before", { value: spec.write(f, kpi.previous) }) : undefined}
            picture={course ? <Spark values={whole.map(course)} /> : undefined} />
        );
      })}
    </Stats>
  );
}

function ExpectedValue({ data }: { data: Overview }) {
  const t = useWords();
  const f = useFormat();
  const { data: status } = useQuery(statusQuery);
  const everyone = data.market ? undefined : status?.customers;
  return (
    <Panel title={t("overview.expected.title")}>
      {data.expected_value_12m ? (
        <div className={css.expected}>
          <p className={css.big} title={f.money(data.expected_value_12m)}>{f.moneyShort(data.expected_value_12m)}</p>
          <p className={css.text}>{t("overview.expected.meaning")}</p>
          {data.base_alive !== null && everyone ? (
            <div className={css.alive}>
              <div className={css.aliveBar} aria-hidden><span style={{ width: `${Math.min(100, (data.base_alive / everyone) * 100)}%` }} /></div>
              <p className={css.text}>{t("overview.expected.alive", { alive: f.int(data.base_alive), all: f.int(everyone), share: f.share(data.base_alive / everyone) })}</p>
            </div>
          ) : null}
          <Link to="/value">{t("overview.expected.link")}</Link>
        </div>
      ) : <p className={css.text}>{t("overview.expected.none")}</p>}
    </Panel>
  );
}

function OverviewLoading() {
  return (
    <Loading>
      <div className={css.loading}><Skeleton height={236} /><Skeleton height={170} /><Skeleton height={340} /></div>
    </Loading>
  );
}
