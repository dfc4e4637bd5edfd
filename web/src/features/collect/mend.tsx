import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { Replayed, ReplayOrder } from "../../api/live";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { Button, Choice, Field, IconButton } from "../../ui/controls";
import { Check } from "../../ui/inputs";
import { ErrorNote, Note } from "../../ui/state";
import css from "./live.module.css";
import { replayQuarantine } from "./livequeries";
import { fieldsFor, patchOf, type MendField } from "./mending";

interface MendProps {
  reason: string;
  /** The one event; without it the form is for all of this reason. */
  place?: string;
  count?: number;
  /** Told the outcome; who is told also shows it, for the form may go with what it mended. */
  onDone?: (result: Replayed) => void;
}

const kinds = ["track", "identify", "page", "screen", "group", "alias"] as const;

/** What the event lacks, filled in here and put through again. */
export function MendForm({ reason, place, count, onDone }: MendProps) {
  const t = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const [fields, setFields] = useState<MendField[]>(() => fieldsFor(reason));
  const patch = patchOf(fields);
  const filled = Object.keys(patch).length > 0;
  const replay = useMutation({
    mutationFn: (order: ReplayOrder) => replayQuarantine(order),
    onSuccess: (result) => {
      void queries.invalidateQueries({ queryKey: ["live"] });
      void queries.invalidateQueries({ queryKey: ["status"] });
      onDone?.(result);
    },
  });
  const change = (at: number, next: Partial<MendField>) => setFields(fields.map((field, i) => (i === at ? { ...field, ...next } : field)));
  const order: ReplayOrder = { ...(place ? { places: [place] } : { reason }), ...(filled ? { patch } : {}) };
  return (
    <section className={css.mend} aria-label={t("mend.title")}>
      <div>
        <h3>{place ? t("mend.title") : t("mend.titleAll", { count: count ?? 0, n: f.int(count) })}</h3>
        <p className={css.hint}>{fields.length > 0 ? t("mend.sentence") : t("mend.asItIs")}</p>
      </div>
      {fields.map((field, at) => <MendRow key={at} field={field} known={fieldsFor(reason).some((known) => known.path === field.path)} onChange={(next) => change(at, next)} onRemove={() => setFields(fields.filter((_, i) => i !== at))} />)}
      <div className={css.mendActions}>
        <Button variant="primary" busy={replay.isPending} onClick={() => replay.mutate(order)}>
          {place ? t(filled ? "mend.replayMended" : "mend.replay") : t(filled ? "mend.replayAllMended" : "mend.replayAll", { count: count ?? 0, n: f.int(count) })}
        </Button>
        <Button variant="plain" icon="plus" onClick={() => setFields([...fields, { path: "properties.", kind: "text", value: "" }])}>{t("mend.addField")}</Button>
      </div>
      {replay.error ? <ErrorNote error={replay.error} /> : null}
      {replay.data && !onDone ? <ReplayNote result={replay.data} /> : null}
    </section>
  );
}

function MendRow({ field, known, onChange, onRemove }: { field: MendField; known: boolean; onChange: (next: Partial<MendField>) => void; onRemove: () => void }) {
  const t = useWords();
  const sentence = useSentence();
  const label = sentence(`mend.field.${field.path.replaceAll(".", "_")}`) ?? field.path;
  return (
    <div className={css.mendRow}>
      {known ? null : <Field size="xs" label={t("mend.path")} value={field.path} onChange={(path) => onChange({ path })} />}
      {field.kind === "type" ? <Choice size="xs" label={label} value={field.value} options={[{ value: "", label: "–" }, ...kinds.map((value) => ({ value, label: value }))]} onChange={(value) => onChange({ value })} />
        : <Field size="xs" label={known ? label : t("mend.value")} value={field.value} onChange={(value) => onChange({ value })} {...(field.kind === "time" ? { type: "datetime-local", step: 1, disabled: Boolean(field.drop) } : {})} />}
      {field.kind === "time" ? <Check label={t("mend.dropTime")} checked={Boolean(field.drop)} onChange={(drop) => onChange({ drop })} /> : null}
      {known ? null : <IconButton icon="close" size="sm" label={t("inputs.remove", { what: field.path })} onClick={onRemove} />}
    </div>
  );
}

export function ReplayNote({ result }: { result: Replayed }) {
  const t = useWords();
  const f = useFormat();
  return result.replayed > 0 ? <Note tone="good">{t("mend.done", { count: result.replayed, n: f.int(result.replayed) })}</Note> : <Note>{t("mend.nothing")}</Note>;
}
