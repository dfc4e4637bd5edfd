import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { DeadLetter, RawEvent } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Button } from "../../ui/controls";
import { Identity, useSourceNames } from "../../ui/event";
import { SidePanel } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { Answer, Empty, ErrorNote, Note } from "../../ui/state";
import { Table } from "../../ui/table";
import { ListLoading } from "./live";
import css from "./live.module.css";
import { LiveFrame } from "./liveframe";
import { deadLettersQuery, letterQuery, replayDead } from "./livequeries";
import { ReplayNote } from "./mend";
import { Raw, nameOf } from "./quarantine";

// What the server takes at once.
const most = 100;

/** What was accepted but could not be worked off: shown, kept, and tried again when asked. */
export function DeadLettersScreen() {
  const t = useWords();
  const query = useQuery(deadLettersQuery);
  const queries = useQueryClient();
  const replay = useMutation({
    mutationFn: (seqs: string[]) => replayDead(seqs),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["live"] });
      void queries.invalidateQueries({ queryKey: ["status"] });
    },
  });
  return (
    <LiveFrame lede={t("live.dead.lede")}>
      {replay.error ? <ErrorNote error={replay.error} /> : null}
      {replay.data ? <ReplayNote result={replay.data} /> : null}
      <Answer query={query} loading={<ListLoading />}>
        {(page) => (page.items ?? []).length === 0
          ? <Empty icon="check" title={t("live.dead.noneTitle")} sentence={t("live.dead.none")} />
          : <Letters items={page.items ?? []} busy={replay.isPending} onReplay={(seqs) => replay.mutate(seqs)} />}
      </Answer>
    </LiveFrame>
  );
}

function Letters({ items, busy, onReplay }: { items: DeadLetter[]; busy: boolean; onReplay: (seqs: string[]) => void }) {
  const t = useWords();
  const f = useFormat();
  const [opened, setOpened] = useState<DeadLetter | null>(null);
  return (
    <Panel flush title={t("live.dead.count", { count: items.length, n: f.int(items.length) })} actions={<Button variant="primary" busy={busy} onClick={() => onReplay(items.slice(0, most).map((letter) => letter.seq))}>{t("live.dead.replayAll")}</Button>}>
      <Table<DeadLetter> label={t("live.dead.title")} rows={items} rowKey={(r) => r.seq} onRow={setOpened}
        columns={[
          { key: "what", head: t("live.dead.what"), lead: true, cell: (r) => <button type="button" className={css.open} onClick={() => setOpened(r)}>{t("live.dead.message", { place: r.seq })}</button> },
          { key: "at", head: t("event.received"), cell: (r) => f.moment(r.at) },
          { key: "events", head: t("sources.column.events"), align: "right", cell: (r) => f.int(r.events) },
          { key: "why", head: t("live.column.reason"), cell: (r) => <span className={css.wrap}>{r.problem}</span> },
          { key: "again", head: t("mend.replay"), cell: (r) => <Button size="xs" disabled={busy} onClick={() => onReplay([r.seq])}>{t("mend.replay")}</Button> },
        ]} />
      {opened ? <Letter letter={opened} onClose={() => setOpened(null)} /> : null}
    </Panel>
  );
}

/** The events of a message, as they were sent. */
function Letter({ letter, onClose }: { letter: DeadLetter; onClose: () => void }) {
  const t = useWords();
  const query = useInfiniteQuery(letterQuery(letter.seq));
  const items = query.data?.pages.flatMap((page) => page.items ?? []) ?? [];
  return (
    <SidePanel wide title={t("live.dead.message", { place: letter.seq })} onClose={onClose}>
      <Note tone="bad">{letter.problem}</Note>
      {query.error ? <ErrorNote error={query.error} /> : query.isPending ? <p role="status">{t("state.loading")}</p> : null}
      {items.map((event) => <Sent key={event.place} event={event} open={items.length === 1} />)}
      {query.hasNextPage ? <p><Button size="xs" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("live.dead.more")}</Button></p> : null}
    </SidePanel>
  );
}

function Sent({ event, open }: { event: RawEvent; open: boolean }) {
  const t = useWords();
  const f = useFormat();
  const sourceName = useSourceNames();
  const [first] = event.identities ?? [];
  return (
    <details className={css.sent} open={open}>
      <summary><b>{event.name || nameOf(event.raw) || t("live.unnamed")}</b>{first ? <Identity text={first} /> : null}<small>{f.moment(event.received_at)} · {sourceName(event.source)}</small></summary>
      <Raw raw={event.raw} />
    </details>
  );
}
