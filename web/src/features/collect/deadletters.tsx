import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { DeadLetter } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Button } from "../../ui/controls";
import { Fact } from "../../ui/event";
import { SidePanel } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { Answer, Empty, ErrorNote, Note } from "../../ui/state";
import { Table } from "../../ui/table";
import { ListLoading } from "./live";
import css from "./live.module.css";
import { LiveFrame, useSourceName } from "./liveframe";
import { deadLettersQuery, replayDead } from "./livequeries";
import { ReplayNote } from "./mend";
import { nameOf, Raw } from "./quarantine";

/** What was accepted but could not be worked off: shown, kept, and tried again when asked. */
export function DeadLettersScreen() {
  const t = useWords();
  const query = useQuery(deadLettersQuery);
  const queries = useQueryClient();
  const replay = useMutation({
    mutationFn: (places: string[] | undefined) => replayDead(places),
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
          : <Letters items={page.items ?? []} busy={replay.isPending} onReplay={(places) => replay.mutate(places)} />}
      </Answer>
    </LiveFrame>
  );
}

function Letters({ items, busy, onReplay }: { items: DeadLetter[]; busy: boolean; onReplay: (places?: string[]) => void }) {
  const t = useWords();
  const f = useFormat();
  const sourceName = useSourceName();
  const [opened, setOpened] = useState<DeadLetter | null>(null);
  return (
    <Panel flush title={t("live.dead.count", { count: items.length, n: f.int(items.length) })} actions={<Button variant="primary" busy={busy} onClick={() => onReplay()}>{t("live.dead.replayAll")}</Button>}>
      <Table<DeadLetter> label={t("live.dead.title")} rows={items} rowKey={(r) => r.place} onRow={setOpened}
        columns={[
          { key: "what", head: t("live.column.event"), lead: true, cell: (r) => <button type="button" className={css.open} onClick={() => setOpened(r)}>{nameOf(r.raw) || t("live.dead.message", { place: r.place })}</button> },
          { key: "at", head: t("event.received"), cell: (r) => f.moment(r.received_at ?? r.at) },
          { key: "why", head: t("live.column.reason"), cell: (r) => <span className={css.wrap}>{r.sentence ?? r.reason}</span> },
          { key: "tries", head: t("live.dead.attempts"), align: "right", wide: true, cell: (r) => f.int(r.attempts) },
        ]} />
      {opened ? (
        <SidePanel title={nameOf(opened.raw) || t("live.dead.message", { place: opened.place })} onClose={() => setOpened(null)}>
          <Note tone="bad"><p>{opened.sentence ?? opened.reason}</p>{opened.next ? <p>{opened.next}</p> : null}</Note>
          <div><Button variant="primary" busy={busy} onClick={() => onReplay([opened.place])}>{t("mend.replay")}</Button></div>
          <dl className={css.facts}><Fact name={t("event.received")}>{f.moment(opened.received_at ?? opened.at)}</Fact>{opened.source ? <Fact name={t("event.source")}>{sourceName(opened.source)}</Fact> : null}</dl>
          {opened.raw ? <section className={css.part}><h3>{t("live.quarantine.asReceived")}</h3><Raw raw={opened.raw} /></section> : null}
        </SidePanel>
      ) : null}
    </Panel>
  );
}
