import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import { useFormat, useWords } from "../../i18n/use";
import { Button } from "../../ui/controls";
import { Area } from "../../ui/inputs";
import { Panel } from "../../ui/page";
import { ErrorNote, Note } from "../../ui/state";
import { changeMembers } from "./rulequeries";
import css from "./segments.module.css";

/** The refs in a pasted text, one a line or parted by commas. */
export function refsIn(text: string): string[] {
  return [...new Set(text.split(/[\n,;]+/).map((ref) => ref.trim()).filter(Boolean))];
}

/** The refs in a CSV file: its first column, without the head where there is one. */
export function refsOfCsv(text: string): string[] {
  const cells = text.replace(/^\uFEFF/, "").split(/\r?\n/).map((line) => (/^"((?:[^"]|"")*)"/.exec(line)?.[1]?.replaceAll('""', '"') ?? line.split(/[,;\t]/)[0] ?? "").trim()).filter(Boolean);
  const first = cells[0] ?? "";
  return [...new Set(/^(?:customer|user|person|identity|e-?mail|phone|id)(?:[ _-]?(?:id|address|number))?$/i.test(first) ? cells.slice(1) : cells)];
}

/** A segment whose members are chosen by people: pasted, or from a file. */
export function ByHand({ id }: { id: string }) {
  const t = useWords();
  const f = useFormat();
  const file = useId();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const refs = refsIn(text);
  const done = () => {
    setText("");
    for (const key of ["segments", "segment", "members"]) void queries.invalidateQueries({ queryKey: [key] });
  };
  const change = useMutation({ mutationFn: (what: "add" | "remove") => changeMembers(id, { [what]: refs }), onSuccess: done });
  const upload = useMutation({ mutationFn: async (chosen: File) => changeMembers(id, { add: refsOfCsv(await chosen.text()) }), onSuccess: done });
  const result = upload.data ?? change.data;
  const error = upload.error ?? change.error;
  const unknown = result?.unknown ?? [];
  return (
    <Panel title={t("byhand.title")} note={t("byhand.note")}>
      <div className={css.byhand}>
        <Area label={t("byhand.refs")} value={text} onChange={setText} rows={3} placeholder={"user:42\nemail:kim@example.com\nphone:+821012345678"} />
        <div className={css.tools}>
          <Button variant="primary" disabled={refs.length === 0} busy={change.isPending} onClick={() => change.mutate("add")}>{t("byhand.add", { count: refs.length, n: f.int(refs.length) })}</Button>
          <Button disabled={refs.length === 0} busy={change.isPending} onClick={() => change.mutate("remove")}>{t("byhand.remove")}</Button>
          <label htmlFor={file} className={css.fileButton}>{t("byhand.csv")}</label>
          <input id={file} type="file" accept=".csv,.txt,text/csv" className="visually-hidden" onChange={(event) => {
            const chosen = event.currentTarget.files?.[0];
            if (chosen) upload.mutate(chosen);
            event.currentTarget.value = "";
          }} />
        </div>
        {error ? <ErrorNote error={error} /> : null}
        {result ? <Note tone={unknown.length > 0 ? "warn" : "good"}><p>{t("byhand.done", { added: f.int(result.added ?? 0), removed: f.int(result.removed ?? 0) })}</p>{unknown.length > 0 ? <p>{t("byhand.unknown", { count: unknown.length, names: unknown.slice(0, 5).join(", ") })}</p> : null}</Note> : null}
      </div>
    </Panel>
  );
}
