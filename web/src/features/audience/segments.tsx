import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import type { Segment } from "../../api/types";
import { ChartFrame } from "../../charts/frame";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { segmentMeaning, segmentName, shortName } from "../../lib/groups";
import { useKept } from "../../ui/asof";
import { Tag } from "../../ui/badge";
import { Button } from "../../ui/controls";
import { GoLink } from "../../ui/golink";
import { Icon } from "../../ui/icons";
import { Page } from "../../ui/page";
import { Answer, LoadingPage } from "../../ui/state";
import { Table, type Column } from "../../ui/table";
import { ManualDialog } from "./actions";
import { sentenceIn } from "./preview";
import { segmentsQuery } from "./queries";
import css from "./segments.module.css";

const kindOf = (segment: Segment) => (segment.kind === "rule" || segment.kind === "manual" ? (segment.archived ? "archived" : "own") : segment.slug.startsWith("stage-") ? "stage" : segment.slug.startsWith("rfm-") ? "rfm" : "play");

/** The groups of people to act on: what they have in common, how many they are, what they bring. */
export function SegmentsScreen() {
  const t = useWords();
  const { scope, ready, notice } = useKept();
  const [byHand, setByHand] = useState(false);
  const query = useQuery({ ...segmentsQuery(scope), enabled: ready });
  return (
    <Page title={t("segments.title")} lede={t("segments.lede")} actions={<><Button size="md" onClick={() => setByHand(true)}>{t("segments.newManual")}</Button><GoLink to="/segments/new" icon="plus">{t("segments.new")}</GoLink></>}>
      {byHand ? <ManualDialog onClose={() => setByHand(false)} /> : null}
      {notice}
      {ready ? <Answer query={query} loading={<LoadingPage rows={2} />}>
        {(data) => {
          const items = data.items ?? [];
          return (
            <>
              {items.some((s) => kindOf(s) === "own") ? <><h2 className={css.heading}>{t("segments.own")}</h2><ul className={css.cards}>{items.filter((s) => kindOf(s) === "own").map((segment) => <li key={segment.slug}><Card segment={segment} /></li>)}</ul><h2 className={css.heading}>{t("segments.builtIn")}</h2></> : null}
              <ul className={css.cards}>{items.filter((s) => kindOf(s) === "play").map((segment) => <li key={segment.slug}><Card segment={segment} /></li>)}</ul>
              <SegmentTable kind="stage" segments={items.filter((s) => kindOf(s) === "stage")} />
              <SegmentTable kind="rfm" segments={items.filter((s) => kindOf(s) === "rfm")} />
              {items.some((s) => kindOf(s) === "archived") ? <details className={css.archived}><summary>{t("segments.archivedOnes", { count: items.filter((s) => kindOf(s) === "archived").length })}</summary><ul className={css.cards}>{items.filter((s) => kindOf(s) === "archived").map((segment) => <li key={segment.slug}><Card segment={segment} /></li>)}</ul></details> : null}
            </>
          );
        }}
      </Answer> : null}
    </Page>
  );
}

function Card({ segment }: { segment: Segment }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  return (
    <article className={css.card}>
      <h2 className={css.title}><Link to="/segments/$slug" params={{ slug: segment.slug }}>{segmentName(sentence, segment.slug, segment.name)}</Link></h2>
      <p className={css.meaning}>{segmentMeaning(sentence, segment.slug, segment.description || sentenceIn(f.language, segment))}</p>
      {segment.kind === "manual" || segment.locked ? <p className={css.tags}>{segment.kind === "manual" ? <Tag>{t("segments.manual")}</Tag> : null}{segment.locked ? <Tag>{segment.kind === "built_in" ? t("segments.builtIn") : t("segments.lockedTag")}</Tag> : null}</p> : null}
      <dl className={css.facts}>
        <div><dt>{t("rfm.grid.customers")}</dt><dd>{f.int(segment.customers)}<small>{f.share(segment.share)}{segment.change_30d ? ` · ${f.signedInt(segment.change_30d)}` : ""}</small></dd></div>
        {kindOf(segment) === "own" || kindOf(segment) === "archived" ? null : <><div><dt>{t("segments.spent")}</dt><dd title={f.money(segment.spend)}>{f.moneyShort(segment.spend)}</dd></div>
        <div><dt>{t("segments.expected")}</dt><dd title={f.money(segment.expected_value)}>{f.moneyShort(segment.expected_value)}</dd></div></>}
      </dl>
      <span className={css.go} aria-hidden>{t("segments.open")}<Icon name="right" size={14} /></span>
    </article>
  );
}

function SegmentTable({ kind, segments }: { kind: "stage" | "rfm"; segments: Segment[] }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  if (segments.length === 0) return null;
  const name = (s: Segment) => shortName(sentence, s.slug, s.name);
  const columns: Column<Segment>[] = [
    { key: "name", head: t("segments.segment"), lead: true, cell: (s) => <span className={css.name}><Link to="/segments/$slug" params={{ slug: s.slug }}>{name(s)}</Link><small>{segmentMeaning(sentence, s.slug, s.description)}</small></span> },
    { key: "n", head: t("rfm.grid.customers"), align: "right", cell: (s) => f.int(s.customers) },
    { key: "share", head: t("segments.share"), align: "right", cell: (s) => <span className={css.share}><span className={css.track} aria-hidden><span style={{ width: `${s.share * 100}%` }} /></span>{f.share(s.share)}</span> },
    { key: "change", head: t("segments.change"), meaning: t("segments.changeMeaning"), align: "right", wide: true, cell: (s) => (s.change_30d === null ? "–" : f.signedInt(s.change_30d)) },
    { key: "spend", head: t("segments.spent"), align: "right", wide: true, cell: (s) => f.moneyShort(s.spend) },
    { key: "value", head: t("segments.expected"), meaning: t("term.expectedValue"), align: "right", cell: (s) => f.moneyShort(s.expected_value) },
  ];
  return (
    <ChartFrame flush title={t(`segments.${kind}.title`)} sentence={t(`segments.${kind}.sentence`)} file={`dangol-segments-${kind}`}
      figures={{
        head: [t("segments.segment"), t("rfm.grid.customers"), t("segments.share"), t("segments.spent"), t("segments.expected")],
        rows: segments.map((s) => [name(s), f.int(s.customers), f.share(s.share), f.moneyWhole(s.spend), f.moneyWhole(s.expected_value)]),
        raw: segments.map((s) => [s.slug, s.customers, s.share, s.spend.amount, s.expected_value?.amount]),
      }}>
      <Table label={t(`segments.${kind}.title`)} columns={columns} rows={segments} rowKey={(s) => s.slug} />
    </ChartFrame>
  );
}
