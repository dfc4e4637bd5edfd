import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";

import type { Health, Source } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { now } from "../../lib/days";
import { Tag } from "../../ui/badge";
import { Page, Panel } from "../../ui/page";
import { Answer, Empty, LoadingPage } from "../../ui/state";
import { Table, type Column } from "../../ui/table";
import { GoLink } from "../../ui/golink";
import { sourcesQuery } from "./livequeries";
import css from "./sources.module.css";

// What the platform tells itself comes in like everything else.
const own = "dangol";

/** What a source is, and what it is called. */
export function useSourceWords() {
  const t = useWords();
  return {
    name: (s: Source) => (s.id === own ? t("live.ownSource") : s.kind === "local" ? t("sources.localName") : s.name),
    kind: (s: Source) => (s.id === own ? t("sources.kind.own") : t(`sources.kind.${s.kind}`)),
  };
}

/** Where events come from, and whether they still do. */
export function SourcesScreen() {
  const t = useWords();
  const f = useFormat();
  const query = useQuery(sourcesQuery);
  const items = query.data?.items ?? [];
  const outside = items.filter((s) => s.id !== own);
  const ill = outside.filter((s) => s.health === "failing" || s.health === "silent");
  const lede = !query.data || outside.length === 0 ? t("sources.ledeNone")
    : ill.length > 0 ? t("sources.ledeIll", { count: ill.length, names: f.list(ill.map((s) => s.name)) })
    : t("sources.lede", { count: outside.length, n: f.int(outside.reduce((sum, s) => sum + s.events_24h, 0)) });
  return (
    <Page title={t("sources.title")} lede={lede} actions={<GoLink to="/sources/new" icon="plus">{t("sources.add")}</GoLink>}>
      <Answer query={query} loading={<LoadingPage />}>
        {() => outside.length === 0
          ? <Empty icon="sources" title={t("sources.noneTitle")} sentence={t("sources.none")} action={<GoLink to="/sources/new" icon="plus">{t("sources.add")}</GoLink>} />
          : <List items={items} />}
      </Answer>
    </Page>
  );
}

const tones = { ok: "good", silent: "warn", failing: "bad", new: "brand" } as const satisfies Record<Health, string>;

export function HealthTag({ health }: { health: Health }) {
  const t = useWords();
  return <Tag tone={tones[health] ?? "plain"}>{t(`sources.health.${health}`)}</Tag>;
}

function List({ items }: { items: Source[] }) {
  const t = useWords();
  const f = useFormat();
  const navigate = useNavigate();
  const words = useSourceWords();
  const at = now();
  const columns: Column<Source>[] = [
    { key: "name", head: t("sources.column.name"), lead: true, cell: (s) => <span className={css.name}><Link to="/sources/$id" params={{ id: s.id }}>{words.name(s)}</Link><small>{words.kind(s)}</small></span> },
    { key: "health", head: t("sources.column.health"), meaning: t("sources.healthMeaning"), cell: (s) => <HealthTag health={s.health} /> },
    { key: "last", head: t("sources.column.last"), cell: (s) => (s.last_event_at ? <time dateTime={s.last_event_at} title={f.moment(s.last_event_at)}>{f.ago(s.last_event_at, at)}</time> : t("sources.never")) },
    { key: "events", head: t("sources.column.events"), align: "right", cell: (s) => f.int(s.events_24h) },
    { key: "aside", head: t("sources.column.aside"), align: "right", wide: true, cell: (s) => <span className={css.bad} data-some={s.quarantined_24h > 0 || undefined}>{f.int(s.quarantined_24h)}</span> },
    { key: "twice", head: t("sources.column.duplicates"), meaning: t("live.health.duplicatesMeaning"), align: "right", wide: true, cell: (s) => f.int(s.duplicates_24h) },
    { key: "libraries", head: t("sources.column.libraries"), wide: true, cell: (s) => <span className={css.libraries}>{(s.libraries ?? []).map((l) => <code key={l.name + l.version}>{l.name} {l.version}</code>)}</span> },
  ];
  return (
    <Panel flush title={t("sources.last24h")}>
      <Table label={t("sources.title")} columns={columns} rows={items} rowKey={(s) => s.id} onRow={(s) => void navigate({ to: "/sources/$id", params: { id: s.id } })} />
    </Panel>
  );
}
