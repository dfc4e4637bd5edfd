import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { Customer } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { useKept } from "../../ui/asof";
import { GroupBadge, Score, Tag } from "../../ui/badge";
import { Icon } from "../../ui/icons";
import { Columns, Page, Panel, Stack } from "../../ui/page";
import { Answer, LoadingPage, Note } from "../../ui/state";
import { Stat, Stats } from "../../ui/stat";
import { Tabs } from "../../ui/tabs";
import { AliveChart } from "./alive";
import { Attributes, Memberships } from "./attributes";
import { Consents, Suppressed } from "./consents";
import css from "./customer.module.css";
import { Identities } from "./identities";
import { LiveTimeline } from "./livetimeline";
import { Orders } from "./orders";
import { Privacy } from "./privacy";
import { customerQuery } from "./queries";
import { useSummary } from "./summary";
import { Timeline } from "./timeline";
import { Traits } from "./traits";

/** One customer: who she is to the shop, whether she is still one, and what she has done. */
export function CustomerScreen({ foresight }: { foresight: (id: string) => ReactNode }) {
  const t = useWords();
  const { id } = useParams({ from: "/customers/$id" });
  const search = useSearch({ from: "/customers/$id" });
  const tab = parts.find((part) => part === search.tab) ?? "overview";
  const { scope, ready, notice } = useKept();
  const query = useQuery({ ...customerQuery(scope, id), enabled: ready });
  const summary = useSummary(query.data);
  const name = query.data?.name || query.data?.id || id;
  return (
    <Page title={name} lede={summary}
      above={<Link to="/customers" className={css.back}><Icon name="left" size={14} />{t("customers.title")}</Link>}>
      {notice}
      <Tabs label={t("profile.parts")} tabs={parts.map((part) => ({ to: "/customers/$id", params: { id }, label: t(`profile.part.${part}`), search: { tab: part === "overview" ? undefined : part }, active: part === tab }))} />
      {ready ? <Answer query={query} loading={<LoadingPage rows={2} />}>{(customer) => <Part part={tab} customer={customer} id={id} foresight={foresight} />}</Answer> : null}
    </Page>
  );
}

const parts = ["overview", "foresight", "timeline", "identity", "consent"] as const;

function Part({ part, customer, id, foresight }: { part: (typeof parts)[number]; customer: Customer; id: string; foresight: (id: string) => ReactNode }) {
  switch (part) {
    case "foresight": return foresight(id);
    case "timeline": return <LiveTimeline customer={customer} id={id} />;
    case "identity": return <Identities customer={customer} id={id} />;
    case "consent": return <><Consents customer={customer} id={id} /><Suppressed customer={customer} /><Privacy customer={customer} id={id} /></>;
    default: return <Full customer={customer} id={id} />;
  }
}

// Who has not ordered yet has no figures to show, only what is known of her.
function Visitor({ customer, id }: { customer: Customer; id: string }) {
  const t = useWords();
  return (
    <>
      <Identity customer={customer} />
      <Note>{t("profile.noOrders")}</Note>
      <Columns kind="lead">
        <LiveTimeline customer={customer} id={id} />
        <Stack><Memberships customer={customer} id={id} /><Attributes attributes={customer.attributes ?? []} /></Stack>
      </Columns>
    </>
  );
}

function Full({ customer, id }: { customer: Customer; id: string }) {
  if (customer.orders === 0 && customer.orders_total === 0) return <Visitor customer={customer} id={id} />;
  return (
    <>
      <Identity customer={customer} />
      <Figures customer={customer} />
      <Columns kind="lead">
        <AliveChart customer={customer} />
        <Standing customer={customer} />
      </Columns>
      <Columns kind="lead">
        <Orders customer={customer} />
        <Stack><Memberships customer={customer} id={id} /><Attributes attributes={customer.attributes ?? []} /><Traits traits={customer.traits ?? []} /><Timeline customer={customer} /></Stack>
      </Columns>
    </>
  );
}

function Identity({ customer }: { customer: Customer }) {
  const f = useFormat();
  const sentence = useSentence();
  return (
    <div className={css.identity}>
      <GroupBadge group={customer.group} full />
      {customer.lifecycle ? <Tag tone="brand">{sentence("kind.stage", { name: sentence(`lifecycle.${customer.lifecycle}`) ?? customer.lifecycle })}</Tag> : null}
      {customer.name ? <code>{customer.id}</code> : null}
      {customer.market ? <span>{f.market(customer.market)}</span> : null}
      {customer.email ? <a href={`mailto:${customer.email}`}>{customer.email}</a> : null}
      {customer.phone ? <a href={`tel:${customer.phone}`}>{customer.phone}</a> : null}
    </div>
  );
}

function Figures({ customer }: { customer: Customer }) {
  const t = useWords();
  const f = useFormat();
  const { interval } = customer;
  const level = interval ? f.percent(interval.level) : "";
  return (
    <Stats>
      <Stat label={t("customers.column.spend")} value={f.moneyWhole(customer.spend)} exact={f.money(customer.spend)}
        below={Number(customer.refunds?.amount ?? 0) > 0 ? t("profile.refunded", { amount: f.moneyWhole(customer.refunds) }) : t("profile.noRefunds")} />
      <Stat label={t("customers.column.orders")} value={f.int(customer.orders)} below={t("profile.averageOrder", { amount: f.moneyWhole(customer.average_order_value) })} />
      <Stat label={t("customers.column.last")} value={t("customers.daysAgo", { count: customer.days_since_last, n: f.int(customer.days_since_last) })} below={f.day(customer.last_order_at)} />
      <Stat label={t("customers.column.alive")} meaning={t("term.alive")} value={f.share(customer.p_alive)} below={t("profile.aliveNote")} />
      <Stat label={t("customers.column.quiet")} meaning={t("term.quiet")} value={f.share(customer.p_no_order_90d)} below={t("profile.quietNote")} />
      <Stat label={t("customers.column.expectedOrders")} meaning={t("term.expectedOrders")} value={f.decimal(customer.expected_orders, 1)}
        below={interval ? t("profile.interval", { level, lower: f.int(interval.orders_lower), upper: f.int(interval.orders_upper) }) : undefined} />
      <Stat label={t("customers.column.expectedValue")} meaning={t("term.expectedValue")} value={f.moneyWhole(customer.expected_value)}
        below={interval?.value_lower ? t("profile.interval", { level, lower: f.moneyShort(interval.value_lower), upper: f.moneyShort(interval.value_upper) }) : undefined} />
    </Stats>
  );
}

function Standing({ customer }: { customer: Customer }) {
  const t = useWords();
  const sentence = useSentence();
  const [r, fScore, m] = [...customer.rfm].map(Number);
  return (
    <Panel title={t("profile.standing")} note={sentence(`group.${customer.group}.meaning`)}>
      {r && fScore && m ? (
        <div className={css.scores}>
          <Score label={t("rfm.recency")} score={r} meaning={t("rfm.recencyMeaning")} />
          <Score label={t("rfm.frequency")} score={fScore} meaning={t("rfm.frequencyMeaning")} />
          <Score label={t("rfm.monetary")} score={m} meaning={t("rfm.monetaryMeaning")} />
        </div>
      ) : null}
      {customer.group_before && customer.group_before !== customer.group ? (
        <p className={css.before}>{t("profile.groupBefore")} <GroupBadge group={customer.group_before} /></p>
      ) : null}
    </Panel>
  );
}
