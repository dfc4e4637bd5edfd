import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import type { ListTaken } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Button } from "../../ui/controls";
import { Area } from "../../ui/inputs";
import { Panel } from "../../ui/page";
import { ErrorNote, Note } from "../../ui/state";
import { Table } from "../../ui/table";
import { takeList } from "./rulequeries";
import css from "./segments.module.css";

/** A pasted text as a list of one person a row: a table as it is, else refs one a line or parted by commas. */
export function listOf(text: string): { csv: string; rows: number } {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.some((line) => line.includes("\t"))) return { csv: text, rows: lines.length };
  const refs = [...new Set(text.split(/[\n,;]+/).map((ref) => ref.trim()).filter(Boolean))];
  return { csv: refs.map((ref) => `"${ref.replaceAll('"', '""')}"`).join("\n"), rows: refs.length };
}

type Chosen = "add" | "remove";

/** A segment whose members are chosen by people: pasted, or from a file. */
export function ByHand({ id }: { id: string }) {
  const t = useWords();
  const f = useFormat();
  const file = useId();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const list = listOf(text);
  const change = useMutation({
    mutationFn: async ({ take, from }: { take: Chosen; from?: File }) => takeList(id, take, from ?? list.csv),
    onSuccess: (taken, { from }) => {
      if (!from && taken.problem_rows === 0) setText("");
      for (const key of ["segments", "segment", "members"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  const busy = (take: Chosen) => change.isPending && change.variables.take === take;
  return (
    <Panel title={t("byhand.title")} note={t("byhand.note")}>
      <div className={css.byhand}>
        <Area label={t("byhand.refs")} value={text} onChange={setText} rows={3} placeholder={"user:42\nkim@example.com\n+821012345678"} />
        <div className={css.tools}>
          <Button variant="primary" disabled={list.rows === 0} busy={busy("add")} onClick={() => change.mutate({ take: "add" })}>{t("byhand.add", { count: list.rows, n: f.int(list.rows) })}</Button>
          <Button disabled={list.rows === 0} busy={busy("remove")} onClick={() => change.mutate({ take: "remove" })}>{t("byhand.remove")}</Button>
          <label htmlFor={file} className={css.fileButton}>{t("byhand.csv")}</label>
          <input id={file} type="file" accept=".csv,.txt,.tsv,text/csv" className="visually-hidden" onChange={(event) => {
            const from = event.currentTarget.files?.[0];
            if (from) change.mutate({ take: "add", from });
            event.currentTarget.value = "";
          }} />
        </div>
        <p className={css.hint}>{t("byhand.csvNote")}</p>
        {change.error ? <ErrorNote error={change.error} /> : null}
        {change.data ? <Taken taken={change.data} /> : null}
      </div>
    </Panel>
  );
}

const shown = 100;

/** What came of a list, and each row that names nobody. */
function Taken({ taken }: { taken: ListTaken }) {
  const t = useWords();
  const f = useFormat();
  const problems = taken.problems ?? [];
  return (
    <>
      <Note tone={taken.problem_rows > 0 ? "warn" : "good"}>
        <p>{t("byhand.done", { added: f.int(taken.added), removed: f.int(taken.removed) })}</p>
        {taken.problem_rows > 0 ? <p>{t("byhand.problems", { count: taken.problem_rows, n: f.int(taken.problem_rows) })}</p> : null}
      </Note>
      {problems.length > 0 ? (
        <Table dense maxHeight={320} label={t("byhand.problemTable")} rows={problems.slice(0, shown)} rowKey={(row) => `${row.row} ${row.reason}`}
          columns={[
            { key: "row", head: t("byhand.row"), align: "right", cell: (row) => f.int(row.row) },
            { key: "value", head: t("byhand.value"), lead: true, cell: (row) => row.value || "–" },
            { key: "reason", head: t("byhand.reason"), cell: (row) => t(`byhand.reasons.${row.reason}`) },
          ]} />
      ) : null}
    </>
  );
}
