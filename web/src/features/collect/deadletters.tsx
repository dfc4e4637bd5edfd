import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import type { DeadLetter } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Button } from "../../ui/controls";
import { Panel } from "../../ui/page";
import { Answer, Empty, ErrorNote } from "../../ui/state";
import { Table } from "../../ui/table";
import { ListLoading } from "./live";
import css from "./live.module.css";
import { LiveFrame } from "./liveframe";
import { deadLettersQuery, replayDead } from "./livequeries";
import { ReplayNote } from "./mend";

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
  return (
    <Panel flush title={t("live.dead.count", { count: items.length, n: f.int(items.length) })} actions={<Button variant="primary" busy={busy} onClick={() => onReplay(items.slice(0, most).map((letter) => letter.seq))}>{t("live.dead.replayAll")}</Button>}>
      <Table<DeadLetter> label={t("live.dead.title")} rows={items} rowKey={(r) => r.seq}
        columns={[
          { key: "what", head: t("live.dead.what"), lead: true, cell: (r) => t("live.dead.message", { place: r.seq }) },
          { key: "at", head: t("event.received"), cell: (r) => f.moment(r.at) },
          { key: "events", head: t("sources.column.events"), align: "right", cell: (r) => f.int(r.events) },
          { key: "why", head: t("live.column.reason"), cell: (r) => <span className={css.wrap}>{r.problem}</span> },
          { key: "again", head: t("mend.replay"), cell: (r) => <Button size="xs" disabled={busy} onClick={() => onReplay([r.seq])}>{t("mend.replay")}</Button> },
        ]} />
    </Panel>
  );
}
