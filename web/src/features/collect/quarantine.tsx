import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import type { Quarantined, QuarantinePage, Replayed } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Tag } from "../../ui/badge";
import { Button } from "../../ui/controls";
import { Fact, TroubleNote, useSourceNames, useTrouble } from "../../ui/event";
import { Copyable, JsonTree } from "../../ui/json";
import { SidePanel } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { Answer, Empty } from "../../ui/state";
import { Table } from "../../ui/table";
import { ListLoading } from "./live";
import css from "./live.module.css";
import { LiveFrame } from "./liveframe";
import { quarantineQuery } from "./livequeries";
import { MendForm, ReplayNote } from "./mend";

const step = 50;

/** What could not be used, by reason, with the way to mend it. Nothing is thrown away. */
export function QuarantineScreen() {
  const t = useWords();
  const { reason } = useSearch({ from: "/live/quarantine" });
  const [limit, setLimit] = useState(step);
  const [done, setDone] = useState<Replayed | null>(null);
  const query = useQuery(quarantineQuery(reason, limit));
  return (
    <LiveFrame lede={t("live.quarantine.lede")}>
      {done ? <ReplayNote result={done} /> : null}
      <Answer query={query} loading={<ListLoading />}>
        {(page) => Object.keys(page.by_reason ?? {}).length === 0
          ? <Empty icon="check" title={t("live.quarantine.noneTitle")} sentence={t("live.quarantine.none")} />
          : <Groups page={page} reason={reason} onMore={page.next ? () => setLimit(limit + step) : undefined} onDone={setDone} />}
      </Answer>
    </LiveFrame>
  );
}

interface GroupsProps {
  page: QuarantinePage;
  reason: string | undefined;
  onMore: (() => void) | undefined;
  onDone: (result: Replayed) => void;
}

function Groups({ page, reason, onMore, onDone }: GroupsProps) {
  const t = useWords();
  const f = useFormat();
  const trouble = useTrouble();
  const navigate = useNavigate({ from: "/live/quarantine" });
  const groups = Object.entries(page.by_reason ?? {}).toSorted((a, b) => b[1] - a[1]);
  const total = groups.reduce((sum, [, n]) => sum + n, 0);
  const choose = (next: string | undefined) => void navigate({ search: (before) => ({ ...before, reason: next }), replace: true });
  return (
    <div className={css.quarantine}>
      <nav aria-label={t("live.quarantine.reasons")} className={css.reasons}>
        <button type="button" aria-pressed={!reason} onClick={() => choose(undefined)}><span>{t("live.quarantine.all")}</span><b>{f.int(total)}</b></button>
        {groups.map(([key, n]) => <button key={key} type="button" aria-pressed={reason === key} onClick={() => choose(key)}><span>{trouble.title(key)}</span><b>{f.int(n)}</b></button>)}
      </nav>
      <Listed key={reason ?? ""} page={page} reason={reason} count={reason ? (page.by_reason?.[reason] ?? 0) : total} onMore={onMore} onDone={onDone} />
    </div>
  );
}

function Listed({ page, reason, count, onMore, onDone }: GroupsProps & { count: number }) {
  const t = useWords();
  const f = useFormat();
  const trouble = useTrouble();
  const sourceName = useSourceNames();
  const [opened, setOpened] = useState<Quarantined | null>(null);
  const items = page.items ?? [];
  const first = items[0];
  const said = reason && first?.reason === reason ? { sentence: first.sentence, next: first.next } : { sentence: "", next: undefined };
  return (
    <div className={css.listed}>
      {reason ? (
        <Panel title={trouble.title(reason)}>
          <div className={css.stackGap}><TroubleNote reason={reason} sentence={said.sentence} next={said.next} />{count > 0 ? <MendForm reason={reason} count={count} onDone={onDone} /> : null}</div>
        </Panel>
      ) : null}
      <Panel flush title={t("live.quarantine.events", { count, n: f.int(count) })}>
        <Table<Quarantined> label={t("live.quarantine.title")} rows={items} rowKey={(r) => r.place} onRow={setOpened}
          columns={[
            { key: "what", head: t("live.column.event"), lead: true, cell: (r) => <button type="button" className={css.open} onClick={() => setOpened(r)}>{r.name || nameOf(r.raw) || t("live.unnamed")}</button> },
            { key: "at", head: t("event.received"), cell: (r) => f.moment(r.received_at) },
            { key: "source", head: t("live.column.source"), wide: true, cell: (r) => sourceName(r.source) },
            ...(reason ? [] : [{ key: "reason", head: t("live.column.reason"), cell: (r: Quarantined) => <Tag tone="bad">{trouble.title(r.reason)}</Tag> }]),
          ]} />
        {onMore ? <p className={css.foot}><Button size="xs" onClick={onMore}>{t("live.earlier")}</Button></p> : null}
      </Panel>
      {opened ? (
        <SidePanel title={opened.name || nameOf(opened.raw) || t("live.unnamed")} aside={<Tag tone="bad">{trouble.title(opened.reason)}</Tag>} onClose={() => setOpened(null)}>
          <TroubleNote reason={opened.reason} sentence={opened.sentence} next={opened.next} />
          <MendForm reason={opened.reason} place={opened.place} onDone={(result) => {
            setOpened(null);
            onDone(result);
          }} />
          <dl className={css.facts}><Fact name={t("event.received")}>{f.moment(opened.received_at)}</Fact><Fact name={t("event.source")}>{sourceName(opened.source)}</Fact></dl>
          <section className={css.part}><h3>{t("live.quarantine.asReceived")}</h3><Raw raw={opened.raw} /></section>
        </SidePanel>
      ) : null}
    </div>
  );
}

/** What came, as a tree where it is JSON, as text where it is not. */
export function Raw({ raw }: { raw: unknown }) {
  const t = useWords();
  const value = parsed(raw);
  if (typeof value === "string") return <Copyable label={t("event.asJson")} text={value} />;
  return <><JsonTree label={t("live.quarantine.asReceived")} value={value} open={3} /><details className={css.rawText}><summary>{t("event.asJson")}</summary><Copyable label={t("event.asJson")} text={JSON.stringify(value, null, 2)} /></details></>;
}

function parsed(raw: unknown): unknown {
  if (typeof raw !== "string") return raw;
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return raw;
  }
}

/** What the sender called it. */
export function nameOf(raw: unknown): string {
  const value = parsed(raw);
  if (typeof value !== "object" || value === null) return "";
  const { event, name, type } = value as Record<string, unknown>;
  return [event, name, type].find((word): word is string => typeof word === "string" && word !== "") ?? "";
}
