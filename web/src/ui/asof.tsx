import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";

import { jobQuery, startAnalysis, wasStopped } from "../api/jobs";
import { useScope } from "../api/scope";
import { sessionQuery } from "../api/session";
import { statusQuery, type Scope } from "../api/status";
import type { Job, Session, Status } from "../api/types";
import { useFormat, useWords } from "../i18n/use";
import { Button } from "./controls";
import { Panel, Row } from "./page";
import { JobProgress } from "./progress";
import { ErrorNote, Note } from "./state";

interface Kept {
  /** The scope to ask within; its day is that of the analysis kept. */
  scope: Scope;
  /** Whether that analysis is there, so that it can be asked. */
  ready: boolean;
  /** What is shown above the answer, or in its place while it is worked out. */
  notice: ReactNode;
}

/** The day that a screen must be of: the one chosen, else the last in the data. Where newer orders wait for an analysis, it is left to the reader when. */
function dayWanted(scope: Scope, status: Status | undefined, session: Session | undefined): string | undefined {
  if (scope.as_of) return scope.as_of;
  const mayAnalyse = session?.scope === "write" || session?.scope === "admin";
  return status?.analysis && !status.analysis.stale && mayAnalyse ? (status.last_day ?? undefined) : undefined;
}

/** For screens that the kept analysis answers: one day at a time. Where another day is asked for, it is analysed first. */
export function useKept(): Kept {
  const t = useWords();
  const f = useFormat();
  const scope = useScope();
  const { data: status } = useQuery(statusQuery);
  const { data: session } = useQuery(sessionQuery);
  const [begun, setBegun] = useState<string>();
  const kept = status?.analysis?.as_of;
  const wanted = dayWanted(scope, status, session);
  const ready = status !== undefined && (wanted === undefined || wanted === kept);
  let notice: ReactNode = null;
  // Another window may want another day: each is analysed once without being asked for, so that two never take turns for ever.
  if (status && wanted && !ready) notice = <AnalysisOf key={wanted} day={wanted} kept={kept} unasked={begun !== wanted} onBegin={setBegun} />;
  else if (kept && !wanted && kept !== status?.last_day) notice = <Note>{t("scope.older", { day: f.day(kept) })}</Note>;
  return { scope: wanted ? { ...scope, as_of: wanted } : scope, ready, notice };
}

interface AnalysisOfProps {
  day: string;
  kept: string | undefined;
  unasked: boolean;
  onBegin: (day: string) => void;
}

function AnalysisOf({ day, kept, unasked, onBegin }: AnalysisOfProps) {
  const t = useWords();
  const f = useFormat();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [job, setJob] = useState<Job | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [asking, setAsking] = useState(unasked);
  const started = useRef(false);

  const begin = useCallback(() => {
    started.current = true;
    onBegin(day);
    setAsking(true);
    setJob(null);
    setFailure(null);
    startAnalysis(day).then(setJob, setFailure);
  }, [day, onBegin]);
  useEffect(() => {
    if (asking && !started.current) begin();
  }, [asking, begin]);

  const query = useQuery({ ...jobQuery(job?.id ?? ""), enabled: job !== null });
  const now = query.data ?? job;
  const done = now?.state === "done";
  useEffect(() => {
    // This screen ends here, unless yet another day was analysed meanwhile.
    if (done) void queries.invalidateQueries({ queryKey: statusQuery.queryKey }).then(() => setAsking(false));
  }, [done, queries]);

  const idle = !asking || failure !== null || now?.state === "failed";
  return (
    <Panel title={t("scope.working.title", { day: f.day(day) })} note={t("scope.working.note")}>
      {failure ? <ErrorNote error={failure} /> : null}
      {now?.state === "failed" ? <Note tone={wasStopped(now) ? "plain" : "bad"}>{wasStopped(now) ? t("job.stopped") : now.problem?.detail}</Note> : null}
      {!idle && now && !done ? <JobProgress job={now} /> : null}
      {idle ? (
        <Row>
          <Button variant="primary" onClick={begin}>{t("scope.working.analyse", { day: f.day(day) })}</Button>
          {kept ? <Button onClick={() => void navigate({ to: ".", search: (before: object) => ({ ...before, as_of: kept }) as never })}>{t("scope.working.kept", { day: f.day(kept) })}</Button> : null}
        </Row>
      ) : null}
    </Panel>
  );
}
