import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { jobQuery, startAnalysis, wasStopped } from "../../api/jobs";
import type { ImportResult, Job } from "../../api/types";
import { useFormat, useWords } from "../../i18n/use";
import { Button, LinkButton } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { Panel } from "../../ui/page";
import { JobProgress } from "../../ui/progress";
import { ErrorNote, Note } from "../../ui/state";
import { Balance } from "./balance";
import css from "./import.module.css";
import { isOutcome, useImportNote } from "./notes";
import { ProblemNote } from "./problems";

interface RunningProps {
  job: Job;
  name: string;
  onAgain: () => void;
  onBack: () => void;
}

/** The import as it runs, then what it did; the analysis follows without being asked for. */
export function Running({ job: first, name, onAgain, onBack }: RunningProps) {
  const t = useWords();
  const query = useQuery(jobQuery(first.id));
  const job = query.data ?? first;
  if (query.error && !query.data) return <ErrorNote error={query.error} retry={() => void query.refetch()} />;
  if (job.state === "failed") {
    const problem = job.problem;
    return (
      <Panel title={t("import.failed.title")} note={t("import.failed.note")} actions={<Button onClick={onBack}>{t("import.failed.back")}</Button>}>
        {wasStopped(job) ? <Note>{t("job.stopped")}</Note> : (
        <ProblemNote problem={{ reason: problem?.type ?? "", sentence: problem?.detail ?? "", next: problem?.next, column: problem?.where?.column, value: problem?.where?.value, fatal: true }} />
        )}
      </Panel>
    );
  }
  if (job.state === "done" && job.result) return <Done result={job.result as ImportResult} name={name} onAgain={onAgain} />;
  return <Panel title={t("import.running.title", { name })}><JobProgress job={job} /></Panel>;
}

function Done({ result, name, onAgain }: { result: ImportResult; name: string; onAgain: () => void }) {
  const t = useWords();
  const f = useFormat();
  const aside = Object.values(result.set_aside ?? {}).reduce((sum, n) => sum + n, 0);
  const said = useImportNote();
  const notes = (result.notes ?? []).filter(isOutcome);
  // Imports of before these were counted have none of them.
  const nothing = result.lines_accepted + result.refund_lines + (result.refunds_beside ?? 0) + (result.withdrawn ?? 0) === 0;
  return (
    <>
      <Panel>
        <div className={css.done}>
          <span className={css.doneMark}><Icon name="check" size={22} /></span>
          <div>
            <h2 className={css.doneTitle}>{nothing ? t("import.done.nothing") : t("import.done.title", { name })}</h2>
            <p className={css.doneText}>
              {nothing ? t("import.done.nothingText") : t("import.done.text", { count: result.customers, orders: f.int(result.orders), customers: f.int(result.customers), revenue: f.moneyShort(result.revenue), first: f.day(result.first_day), last: f.day(result.last_day), time: f.seconds(result.seconds) })}
            </p>
          </div>
        </div>
      </Panel>
      {nothing ? null : <Analysis />}
      <Panel title={t("import.balance.title")} note={t("import.balance.note")}
        actions={<>{aside > 0 && result.rejects_file ? <LinkButton href={`/v1/imports/${encodeURIComponent(String(result.import))}/rejects`} icon="download" download>{t("import.rejects")}</LinkButton> : null}<Button onClick={onAgain}>{t("import.another")}</Button></>}>
        <Balance read={result.lines_read} accepted={result.lines_accepted} refunds={result.refund_lines} beside={result.refunds_beside ?? 0} present={result.already_present} aside={result.set_aside ?? {}} />
        {notes.length > 0 ? <Note><ul className={css.notes}>{notes.map((note) => <li key={note.code}>{said(note)}</li>)}</ul></Note> : null}
      </Panel>
    </>
  );
}

// New orders make every figure old: the analysis starts by itself and ends with a way to the picture.
function Analysis() {
  const t = useWords();
  const queries = useQueryClient();
  const [job, setJob] = useState<Job | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let gone = false;
    startAnalysis().then((started) => { if (!gone) setJob(started); }, (error: unknown) => { if (!gone) setFailure(error); });
    return () => { gone = true; };
  }, [attempt]);
  const query = useQuery({ ...jobQuery(job?.id ?? ""), enabled: job !== null });
  const now = query.data ?? job;
  const ended = now?.state === "done";
  useEffect(() => {
    if (ended) void queries.invalidateQueries();
  }, [ended, queries]);
  if (failure) return <ErrorNote error={failure} />;
  if (now && wasStopped(now)) {
    return <Panel title={t("job.stopped")} actions={<Button onClick={() => { setJob(null); setAttempt(attempt + 1); }}>{t("fresh.analyse")}</Button>}>{null}</Panel>;
  }
  if (now?.state === "failed") return <ProblemNote problem={{ reason: now.problem?.type ?? "", sentence: now.problem?.detail ?? "", next: now.problem?.next, fatal: true }} />;
  return (
    <Panel title={ended ? t("import.analysed.title") : t("import.analysed.running")}>
      {ended ? (
        <div className={css.actions}><Link to="/" className={css.go}>{t("import.analysed.overview")}</Link><Link to="/customers">{t("import.analysed.customers")}</Link></div>
      ) : now ? <JobProgress job={now} /> : null}
    </Panel>
  );
}
