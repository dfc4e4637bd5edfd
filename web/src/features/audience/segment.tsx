import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { urlOf } from "../../api/client";
import type { Scope } from "../../api/status";
import type { CustomerRow, Overlap, Segment } from "../../api/types";
import { ChartFrame } from "../../charts/frame";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { segmentMeaning, segmentName } from "../../lib/groups";
import { useKept } from "../../ui/asof";
import { GroupBadge, Meter } from "../../ui/badge";
import { LinkButton } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { Columns, Page, Panel, Stack } from "../../ui/page";
import { Answer, LoadingPage, Note } from "../../ui/state";
import { Stat, Stats } from "../../ui/stat";
import { Table } from "../../ui/table";
import { Typed } from "../../ui/typed";
import { WhyAnswer, WhyPop } from "../../ui/why";
import { SegmentActions } from "./actions";
import { ByHand } from "./byhand";
import { SizeHistory } from "./history";
import { followEvery, LiveMembers, WhyLeave } from "./members";
import { OverlapPlot } from "./overlap";
import { sentenceIn } from "./preview";
import { leaving, membersQuery, overlapQuery, segmentQuery } from "./queries";
import { RuleText } from "./rule";
import css from "./segments.module.css";

/** What moves as events come is looked at as often as its members are. */
const follows = (segment?: Segment) => segment?.kind === "rule" || segment?.kind === "manual";

/** One segment: its rule, its weight, its people, and which others they are in. */
export function SegmentScreen() {
  const t = useWords();
  const sentence = useSentence();
  const { scope, ready, notice } = useKept();
  const { slug } = useParams({ from: "/segments/$slug" });
  const query = useQuery({ ...segmentQuery(scope, slug), enabled: ready, staleTime: 0, refetchInterval: ({ state }) => (follows(state.data) ? followEvery : false) });
  const name = segmentName(sentence, slug, query.data?.name ?? slug);
  return (
    <Page title={name} lede={query.data ? segmentMeaning(sentence, slug, query.data.description) : undefined}
      above={<Link to="/segments" className={css.back}><Icon name="left" size={14} />{t("segments.title")}</Link>}
      actions={<>{query.data ? <SegmentActions segment={query.data} /> : null}{query.data?.kind === "rule" || query.data?.kind === "manual" ? null : <LinkButton href={urlOf("/v1/customers.csv", { ...scope, segment: slug, bom: true })} icon="download" download>{t("segments.export")}</LinkButton>}</>}>
      {notice}
      {ready ? <Answer query={query} loading={<LoadingPage />}>{(segment) => <Full scope={scope} segment={segment} />}</Answer> : null}
    </Page>
  );
}

function Full({ scope, segment }: { scope: Scope; segment: Segment }) {
  const t = useWords();
  const f = useFormat();
  const own = follows(segment);
  return (
    <>
      {segment.archived ? <Note tone="warn">{t("segments.archived")}</Note> : null}
      {segment.locked && own ? <Note>{t("segments.locked")}</Note> : null}
      <Stats>
        <Stat label={t("rfm.grid.customers")} value={f.int(segment.customers)} below={t("segments.ofAll", { share: f.share(segment.share) })} />
        {own && Number(segment.spend.amount) === 0 ? null : <><Stat label={t("segments.spent")} value={f.moneyShort(segment.spend)} exact={f.money(segment.spend)} below={t("segments.each", { money: f.moneyNumber(segment.customers ? Number(segment.spend.amount) / segment.customers : 0, segment.spend.currency) })} />
        <Stat label={t("segments.expected")} meaning={t("term.expectedValue")} value={f.moneyShort(segment.expected_value)} exact={f.money(segment.expected_value)} /></>}
        <Stat label={t("segments.change")} meaning={t("segments.changeMeaning")} value={segment.change_30d === null ? "–" : f.signedInt(segment.change_30d)} />
      </Stats>
      <Columns kind="lead">
        {own ? <LiveMembers slug={segment.slug} /> : <Members scope={scope} slug={segment.slug} total={segment.customers} />}
        <Stack>
          <Panel title={t("segments.rule")}>{own ? <p className={css.sentence}>{sentenceIn(f.language, segment) || segment.description}</p> : <RuleText segment={segment} />}</Panel>
          <WhyPanel slug={segment.slug} />
        </Stack>
      </Columns>
      {segment.kind === "manual" && !segment.locked ? <ByHand id={segment.slug} /> : null}
      <SizeHistory id={segment.slug} />
      <Overlaps scope={scope} slug={segment.slug} size={segment.customers} />
    </>
  );
}

function Members({ scope, slug, total }: { scope: Scope; slug: string; total: number }) {
  const t = useWords();
  const f = useFormat();
  const query = useQuery(membersQuery(scope, slug));
  return (
    <Panel flush title={t("segments.members")} note={t(leaving(slug) ? "segments.membersLeaving" : "segments.membersNote")}>
      <Answer query={query}>
        {(page) => (
          <Table<CustomerRow> label={t("segments.members")} rows={page.items ?? []} rowKey={(c) => c.id}
            columns={[
              { key: "id", head: t("customers.column.customer"), lead: true, cell: (c) => <span className={css.name}><Link to="/customers/$id" params={{ id: c.id }}>{c.name || c.id}</Link>{c.phone ? <small className={css.reach}><a href={`tel:${c.phone}`}>{c.phone}</a></small> : c.email && c.email !== c.id ? <small>{c.email}</small> : null}</span> },
              { key: "group", head: t("customers.column.group"), wide: true, cell: (c) => <GroupBadge group={c.group} /> },
              { key: "last", head: t("customers.column.last"), align: "right", cell: (c) => t("customers.daysAgo", { count: c.days_since_last, n: f.int(c.days_since_last) }) },
              { key: "quiet", head: t("customers.column.quiet"), meaning: t("term.quiet"), align: "right", wide: true, cell: (c) => <Meter value={c.p_no_order_90d} tone="bad" /> },
              { key: "value", head: t("customers.column.expectedValue"), meaning: t("term.expectedValue"), align: "right", wide: leaving(slug), cell: (c) => f.moneyWhole(c.expected_value) },
              ...(leaving(slug) ? [{ key: "atRisk", head: t("customers.column.valueAtRisk"), meaning: t("term.valueAtRisk"), align: "right" as const, cell: (c: CustomerRow) => f.moneyWhole(c.value_at_risk) }] : []),
              { key: "why", head: t("why.column"), wide: true, cell: (c) => <WhyPop segment={slug} customer={c.id} name={c.name || c.id} /> },
            ]} />
        )}
      </Answer>
      <p className={css.all}><WhyLeave slug={slug} /><Link to="/customers" search={{ segment: slug, sort: leaving(slug) ? "value_at_risk" : undefined } as never}>{t("segments.all", { count: total, n: f.int(total) })}</Link></p>
    </Panel>
  );
}

function Overlaps({ scope, slug, size }: { scope: Scope; slug: string; size: number }) {
  const query = useQuery(overlapQuery(scope, slug));
  return <Answer query={query} loading={<LoadingPage />}>{(data) => (data.items ?? []).length === 0 ? null : <><OverlapPlot scope={scope} slug={slug} overlap={data} /><OverlapTable overlap={data} size={size} /></>}</Answer>;
}

function OverlapTable({ overlap, size }: { overlap: Overlap; size: number }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const items = (overlap.items ?? []).filter((item) => item.customers > 0).toSorted((a, b) => b.customers - a.customers);
  const name = (slug: string) => {
    return segmentName(sentence, slug, items.find((item) => item.slug === slug)?.name || slug);
  };
  const most = items[0];
  const says = most ? t("segments.overlap.sentence", { name: name(most.slug), n: f.int(most.customers), share: f.share(size ? most.customers / size : 0) }) : t("segments.overlap.none");
  return (
    <ChartFrame flush title={t("segments.overlap.title")} sentence={says} file="dangol-segment-overlap"
      figures={{
        head: [t("segments.segment"), t("segments.overlap.both"), t("segments.overlap.share"), "Jaccard"],
        rows: items.map((i) => [name(i.slug), f.int(i.customers), f.share(size ? i.customers / size : 0), f.decimal(i.jaccard, 3)]),
        raw: items.map((i) => [i.slug, i.customers, size ? i.customers / size : 0, i.jaccard]),
      }}>
      <Table label={t("segments.overlap.title")} dense rows={items} rowKey={(i) => i.slug}
        columns={[
          { key: "name", head: t("segments.segment"), lead: true, cell: (i) => <Link to="/segments/$slug" params={{ slug: i.slug }}>{name(i.slug)}</Link> },
          { key: "n", head: t("segments.overlap.both"), align: "right", cell: (i) => f.int(i.customers) },
          { key: "share", head: t("segments.overlap.share"), align: "right", cell: (i) => <Meter value={size ? i.customers / size : 0} /> },
          { key: "jaccard", head: t("segments.overlap.jaccard"), meaning: t("segments.overlap.jaccardMeaning"), align: "right", wide: true, cell: (i) => f.share(i.jaccard) },
        ]} />
    </ChartFrame>
  );
}

/** Why one person is in it, or is not. */
function WhyPanel({ slug }: { slug: string }) {
  const t = useWords();
  const [who, setWho] = useState("");
  return (
    <Panel title={t("why.panel")}>
      <div className={css.whyPanel}>
        <Typed label={t("why.who")} value={who} onCommit={setWho} placeholder="user:42, email:kim@example.com" />
        {who ? <WhyAnswer segment={slug} customer={who} /> : null}
      </div>
    </Panel>
  );
}
