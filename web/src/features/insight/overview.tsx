import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { useScope } from "../../api/scope";
import type { Overview } from "../../api/types";
import { useFormat, useWords } from "../../i18n/use";
import { changeOf, amountOf } from "../../lib/format";
import { groupColor } from "../../lib/groups";
import { countOf } from "../../lib/search";
import { GroupBadge } from "../../ui/badge";
import { Switch } from "../../ui/controls";
import { Columns, Page, Panel } from "../../ui/page";
import { Answer, Loading, Skeleton } from "../../ui/state";
import { Findings } from "./findings";
import { KpiGrid } from "./kpigrid";
import { trendOf } from "./kpis";
import css from "./overview.module.css";
import { overviewQuery, valueQuery } from "./queries";
import { Standing } from "./standing";
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
            <Standing data={data} />
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

function ExpectedValue({ data }: { data: Overview }) {
  const t = useWords();
  const f = useFormat();
  return (
    <Panel title={t("overview.expected.title")}>
      {data.expected_value_12m ? (
        <div className={css.expected}>
          <p className={css.big} title={f.money(data.expected_value_12m)}>{f.moneyShort(data.expected_value_12m)}</p>
          <p className={css.text}>{t("overview.expected.meaning")}</p>
          {data.base_alive !== null ? (
            <div className={css.alive}>
              <div className={css.aliveBar} aria-hidden><span style={{ width: `${Math.min(100, data.base_alive * 100)}%` }} /></div>
              <p className={css.text}>{t("overview.expected.alive", { share: f.share(data.base_alive) })}</p>
            </div>
          ) : null}
          <Holders asOf={data.analysed_as_of ?? data.as_of} />
          <Link to="/value">{t("overview.expected.link")}</Link>
        </div>
      ) : data.analysed_as_of === null
        ? <div className={css.expected}><p className={css.text}>{t("overview.expected.notYet")}</p></div>
        : <div className={css.expected}><p className={css.text}>{t("overview.expected.none")}</p><Link to="/value">{t("overview.expected.why")}</Link></div>}
    </Panel>
  );
}

const shown = 5;

// The groups that hold most of it: the number alone does not say whom to look after.
function Holders({ asOf }: { asOf: string }) {
  const t = useWords();
  const f = useFormat();
  const { data } = useQuery(valueQuery({ ...useScope(), as_of: asOf }));
  const parts = (data?.by_group ?? []).filter((part) => part.expected_value).toSorted((a, b) => amountOf(b.expected_value) - amountOf(a.expected_value)).slice(0, shown);
  const most = amountOf(parts[0]?.expected_value);
  if (parts.length === 0) return null;
  return (
    <ul className={css.holders} aria-label={t("value.byGroup")}>
      {parts.map((part) => (
        <li key={part.key}>
          <Link to="/customers" search={{ group: part.key, sort: "expected_value" } as never}><GroupBadge group={part.key} /></Link>
          <span className={css.holderBar} aria-hidden><span style={{ width: `${(amountOf(part.expected_value) / most) * 100}%`, background: groupColor(part.key) }} /></span>
          <span className={css.holderMoney}>{f.moneyShort(part.expected_value)}</span>
        </li>
      ))}
    </ul>
  );
}

function OverviewLoading() {
  return (
    <Loading>
      <div className={css.loading}><Skeleton height={236} /><Skeleton height={170} /><Skeleton height={340} /></div>
    </Loading>
  );
}
