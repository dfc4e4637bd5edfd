import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { Merge, PersonIdentity } from "../../api/live";
import type { Customer } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { now } from "../../lib/days";
import { Tag } from "../../ui/badge";
import { Button, Field } from "../../ui/controls";
import { refText, useSourceNames } from "../../ui/event";
import { Dialog } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { ErrorNote, Note } from "../../ui/state";
import { Table } from "../../ui/table";
import { MergeDialog } from "./mergedialog";
import css from "./people.module.css";
import { undoMerge } from "./peoplequeries";

/** By what she is known, and how she came to be one person. */
export function Identities({ customer, id }: { customer: Customer; id: string }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const sourceName = useSourceNames();
  const [merging, setMerging] = useState(false);
  const items = customer.identities ?? [];
  const at = now();
  return (
    <>
      <Panel flush title={t("identity.title")} note={t("identity.note")} actions={<Button icon="merge" onClick={() => setMerging(true)}>{t("identity.mergeWith")}</Button>}>
        {items.length === 0 ? <p className={css.pad}>{t("identity.none")}</p> : (
          <Table<PersonIdentity> label={t("identity.title")} rows={items} rowKey={(i) => `${i.kind}:${i.value}`}
            columns={[
              { key: "kind", head: t("identity.kindLabel"), cell: (i) => sentence(`identity.kind.${i.kind}`) ?? i.kind },
              { key: "value", head: t("identity.value"), lead: true, cell: (i) => <span className={css.identity}><code>{i.value}</code>{i.shared ? <Tag tone="warn">{t("identity.shared")}</Tag> : null}</span> },
              { key: "first", head: t("identity.first"), wide: true, cell: (i) => f.instant(i.first_seen_at) },
              { key: "last", head: t("identity.last"), cell: (i) => (i.last_seen_at ? <span title={f.instant(i.last_seen_at)}>{f.ago(i.last_seen_at, at)}</span> : "–") },
              { key: "source", head: t("event.source"), wide: true, cell: (i) => sourceName(i.source ?? "") },
            ]} />
        )}
      </Panel>
      <Merges merges={customer.merges ?? []} id={id} />
      {merging ? <MergeDialog a={id} onClose={() => setMerging(false)} /> : null}
    </>
  );
}

function Merges({ merges, id }: { merges: Merge[]; id: string }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const [undoing, setUndoing] = useState<Merge | null>(null);
  return (
    <Panel flush title={t("merge.history")} note={t("merge.historyNote")}>
      {merges.length === 0 ? <p className={css.pad}>{t("merge.none")}</p> : (
        <Table<Merge> label={t("merge.history")} rows={merges} rowKey={(m) => m.id}
          columns={[
            { key: "from", head: t("merge.from"), lead: true, cell: (m) => <code>{refText(m.from)}</code> },
            { key: "at", head: t("merge.when"), cell: (m) => f.instant(m.at) },
            { key: "who", head: t("merge.by"), wide: true, cell: (m) => m.who || "–" },
            { key: "why", head: t("merge.why"), cell: (m) => <span className={css.wrap}>{m.why || (m.cause ? (sentence(`merge.cause.${m.cause}`) ?? m.cause) : "–")}</span> },
            { key: "undo", head: t("merge.undo"), cell: (m) => (m.undone_at ? <Tag>{t("merge.undone", { day: f.day(m.undone_at) })}</Tag> : <Button size="xs" icon="undo" onClick={() => setUndoing(m)}>{t("merge.undo")}</Button>) },
          ]} />
      )}
      {undoing ? <UndoDialog merge={undoing} id={id} onClose={() => setUndoing(null)} /> : null}
    </Panel>
  );
}

function UndoDialog({ merge, id, onClose }: { merge: Merge; id: string; onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const [why, setWhy] = useState("");
  const undo = useMutation({
    mutationFn: () => undoMerge(merge.id, why.trim()),
    onSuccess: () => {
      for (const key of ["customer", "customers", "timeline", "duplicates"]) void queries.invalidateQueries({ queryKey: [key] });
      onClose();
    },
  });
  return (
    <Dialog typed title={t("merge.undoTitle", { who: refText(merge.from) })} onClose={onClose} actions={<><Button onClick={onClose}>{t("builder.cancel")}</Button><Button variant="primary" disabled={why.trim() === ""} busy={undo.isPending} onClick={() => undo.mutate()}>{t("merge.undo")}</Button></>}>
      {undo.error ? <ErrorNote error={undo.error} /> : null}
      <Note>{t("merge.undoMeaning", { who: refText(merge.from), from: refText(id) })}</Note>
      <Field label={t("merge.whyLabel")} value={why} onChange={setWhy} autoFocus />
    </Dialog>
  );
}
