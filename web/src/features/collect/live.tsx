import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import type { LiveEvent } from "../../api/live";
import type { Line } from "../../api/stream";
import { useFormat, useWords } from "../../i18n/use";
import { EventDetails, FateTag, personOf, useSourceNames, useTrouble } from "../../ui/event";
import { Button, Choice } from "../../ui/controls";
import { SidePanel } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { Picker } from "../../ui/picker";
import { Rows } from "../../ui/rows";
import { Empty, ErrorNote, Loading, Note, Skeleton } from "../../ui/state";
import { Typed } from "../../ui/typed";
import { useNarrow } from "../../ui/narrow";
import css from "./live.module.css";
import { LiveFrame } from "./liveframe";
import { sourcesQuery, summaryQuery, type StreamFilter } from "./livequeries";
import { MendForm } from "./mend";
import { useStream, type Stream } from "./usestream";

/** Everything that happens, as it happens, and what became of it. */
export function LiveScreen() {
  const t = useWords();
  const search = useSearch({ from: "/live" });
  const filter: StreamFilter = { name: search.name, source: search.source, customer: search.customer, fate: search.fate };
  const stream = useStream(filter);
  const [opened, setOpened] = useState<LiveEvent | null>(null);
  // Another question begins unpaused.
  const [pausedFor, setPausedFor] = useState<string | null>(null);
  const asked = JSON.stringify(filter);
  const paused = pausedFor === asked;
  const sourceName = useSourceNames();
  const filtered = Object.values(filter).some(Boolean);
  const pause = () => {
    if (paused) stream.release();
    else stream.hold();
    setPausedFor(paused ? null : asked);
  };
  return (
    <LiveFrame lede={t("live.lede")}>
      <Panel flush>
        <Filters filter={filter} paused={paused} line={stream.line} onPause={pause} />
        <div aria-busy={stream.loading || undefined}>
          {stream.error ? <div className={css.pad}><ErrorNote error={stream.error} retry={stream.retry} /></div>
            : stream.loading ? <ListLoading />
            : stream.items.length === 0 && stream.fresh === 0 ? <NothingYet filtered={filtered} />
            : <EventList stream={stream} paused={paused} onResume={pause} opened={opened} onOpen={setOpened} />}
        </div>
      </Panel>
      {opened ? (
        <SidePanel title={opened.name || t("live.unnamed")} aside={<FateTag fate={opened.fate} />} onClose={() => setOpened(null)}>
          <EventDetails event={opened} sourceName={sourceName}>
            {opened.fate === "quarantined" ? <MendForm reason={opened.reason ?? ""} place={opened.place} /> : null}
          </EventDetails>
        </SidePanel>
      ) : null}
    </LiveFrame>
  );
}

function Filters({ filter, paused, line, onPause }: { filter: StreamFilter; paused: boolean; line: Line; onPause: () => void }) {
  const t = useWords();
  const f = useFormat();
  const navigate = useNavigate({ from: "/live" });
  const summary = useQuery(summaryQuery);
  const sources = useQuery(sourcesQuery);
  const change = (next: StreamFilter) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const names = Object.entries(summary.data?.by_name ?? {}).toSorted((a, b) => b[1] - a[1]).map(([name, n]) => ({ value: name, label: name, note: f.compact(n) }));
  const fates = (["accepted", "quarantined", "duplicate"] as const).map((value) => ({ value, label: t(`event.fate.${value}`) }));
  return (
    <div className={css.filters} role="search" aria-label={t("live.filter.label")}>
      <Picker free size="sm" label={t("live.filter.name")} value={filter.name ?? ""} placeholder={t("filter.any")} options={[...(filter.name ? [{ value: "", label: t("filter.any") }] : []), ...names]} onChange={(name) => change({ name: name || undefined })} />
      <Choice label={t("live.filter.source")} value={filter.source ?? ""} onChange={(source) => change({ source: source || undefined })}
        options={[{ value: "", label: t("filter.any") }, ...(sources.data?.items ?? []).map((s) => ({ value: s.id, label: s.name }))]} />
      <Typed label={t("live.filter.person")} placeholder="user:42" value={filter.customer ?? ""} onCommit={(customer) => change({ customer: customer || undefined })} />
      <Choice label={t("live.filter.fate")} value={filter.fate ?? ""} onChange={(fate) => change({ fate: fate || undefined })} options={[{ value: "", label: t("filter.any") }, ...fates]} />
      <div className={css.tools}>
        <span className={css.line} data-line={paused ? "paused" : line} role="status"><span className={css.lamp} aria-hidden />{paused ? t("live.line.paused") : t(`live.line.${line}`)}</span>
        <Button icon={paused ? "play" : "pause"} onClick={onPause}>{paused ? t("live.resume") : t("live.pause")}</Button>
      </div>
    </div>
  );
}

interface ListProps {
  stream: Stream;
  paused: boolean;
  onResume: () => void;
  opened: LiveEvent | null;
  onOpen: (event: LiveEvent) => void;
}

function EventList({ stream, paused, onResume, opened, onOpen }: ListProps) {
  const t = useWords();
  const f = useFormat();
  const narrow = useNarrow();
  const sourceName = useSourceNames();
  const trouble = useTrouble();
  const [version, setVersion] = useState(0);
  const letIn = () => {
    if (paused) onResume();
    else stream.release();
    // The list begins anew at its top.
    setVersion((n) => n + 1);
  };
  const away = (gone: boolean) => {
    if (gone) stream.hold();
    else if (!paused) stream.release();
  };
  return (
    <div className={css.listBox}>
      {stream.fresh > 0 ? <button type="button" className={css.fresh} onClick={letIn}>{t("live.fresh", { count: stream.fresh, n: f.int(stream.fresh) })}</button> : null}
      <div className={css.heads} aria-hidden>
        <span>{t("live.column.time")}</span><span>{t("live.column.event")}</span><span>{t("live.column.person")}</span><span>{t("live.column.source")}</span><span>{t("live.column.fate")}</span>
      </div>
      <Rows key={version} label={t("live.stream.title")} items={stream.items} keyOf={(e) => e.place} rowHeight={narrow ? 58 : 40} height="min(64vh, 720px)" onOpen={onOpen} onAway={away} current={opened?.place}
        render={(e) => (
          <span className={css.event} data-fate={e.fate}>
            <time dateTime={e.received_at} className={css.time} title={f.moment(e.received_at)}>{f.clock(e.received_at)}</time>
            <span className={css.name}>{e.name || <i>{t("live.unnamed")}</i>}{e.fate === "quarantined" && e.reason ? <small>{trouble.title(e.reason)}</small> : null}</span>
            <span className={css.person}>{personOf(e)}</span>
            <span className={css.source}>{sourceName(e.source)}</span>
            <span className={css.fate}><FateTag fate={e.fate} /></span>
          </span>
        )} />
      <div className={css.foot}>
        <span>{t("live.shown", { count: stream.items.length, n: f.int(stream.items.length) })}</span>
        {stream.earlier ? <Button size="xs" onClick={stream.earlier}>{t("live.earlier")}</Button> : null}
      </div>
    </div>
  );
}

function NothingYet({ filtered }: { filtered: boolean }) {
  const t = useWords();
  const navigate = useNavigate({ from: "/live" });
  if (filtered) return <Empty icon="search" title={t("live.none.filteredTitle")} sentence={t("live.none.filtered")} action={<Button onClick={() => void navigate({ search: {} })}>{t("customers.clear")}</Button>} />;
  return <Empty icon="live" title={t("live.none.title")} sentence={t("live.none.sentence")} action={<Link to="/sources/new">{t("sources.add")}</Link>} />;
}

export function ListLoading() {
  return <Loading><div className={css.loading}>{Array.from({ length: 12 }, (_, at) => <Skeleton key={at} height={26} />)}</div></Loading>;
}

/** Nothing to mend. */
export function AllWell({ children }: { children: string }) {
  return <div className={css.pad}><Note tone="good">{children}</Note></div>;
}
