import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { MergePreview } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Button, Field } from "../../ui/controls";
import { Identity, refText } from "../../ui/event";
import { Dialog } from "../../ui/overlay";
import { Answer, ErrorNote, Note } from "../../ui/state";
import { Typed } from "../../ui/typed";
import { ConsentTag } from "./consents";
import css from "./people.module.css";
import { merge, mergePreviewQuery } from "./peoplequeries";

/** Two people into one: first what would become of it, then the deed. */
export function MergeDialog({ a, b, onClose, onDone }: { a: string; b?: string; onClose: () => void; onDone?: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [other, setOther] = useState(b ?? "");
  const [why, setWhy] = useState("");
  const preview = useQuery(mergePreviewQuery(a, other));
  const act = useMutation({
    mutationFn: () => merge(a, other, why.trim()),
    onSuccess: (made) => {
      for (const key of ["customer", "customers", "timeline", "duplicates", "merge"]) void queries.invalidateQueries({ queryKey: [key] });
      onClose();
      if (onDone) onDone();
      else void navigate({ to: "/customers/$id", params: { id: made.into }, search: { tab: "identity" } as never });
    },
  });
  const ready = Boolean(preview.data) && !preview.data?.refused && why.trim() !== "";
  return (
    <Dialog wide title={t("merge.title")} onClose={onClose} actions={<><Button onClick={onClose}>{t("builder.cancel")}</Button><Button variant="primary" disabled={!ready} busy={act.isPending} onClick={() => act.mutate()}>{t("merge.do")}</Button></>}>
      {act.error ? <ErrorNote error={act.error} /> : null}
      {b ? null : <Typed label={t("merge.other", { who: refText(a) })} value={other} onCommit={setOther} placeholder="user:42, email:kim@example.com, phone:+82…" />}
      {other === "" ? <p className={css.hint}>{t("merge.choose")}</p> : <Answer query={preview} loading={<p role="status" className={css.hint}>{t("state.loading")}</p>}>{(data) => <Outcome data={data} />}</Answer>}
      {preview.data && !preview.data.refused ? <Field label={t("merge.whyLabel")} value={why} onChange={setWhy} placeholder={t("merge.whyHint")} /> : null}
    </Dialog>
  );
}

function Outcome({ data }: { data: MergePreview }) {
  const t = useWords();
  const f = useFormat();
  if (data.refused) return <Note tone="bad">{data.refused}</Note>;
  const conflicts = data.conflicts ?? [];
  return (
    <div className={css.outcome}>
      <p className={css.flow}><code>{refText(data.from)}</code><span aria-hidden>→</span><strong>{refText(data.into)}</strong></p>
      <p className={css.hint}>{t("merge.becomes", { from: refText(data.from), into: refText(data.into), orders: f.int(data.orders), events: f.int(data.events) })}</p>
      {conflicts.map((sentence) => <Note key={sentence} tone="warn">{sentence}</Note>)}
      <div className={css.two}>
        <section><h3>{t("merge.identities")}</h3><ul className={css.plain}>{(data.identities ?? []).map((i) => <li key={`${i.kind}:${i.value}`}><Identity text={`${i.kind}:${i.value}`} /></li>)}</ul></section>
        <section>
          <h3>{t("merge.consents")}</h3>
          <p className={css.hint}>{t("merge.consentRule")}</p>
          <ul className={css.plain}>{(data.consents ?? []).map((c) => <li key={c.purpose + c.channel}><ConsentTag consent={c} named /></li>)}</ul>
        </section>
      </div>
    </div>
  );
}
