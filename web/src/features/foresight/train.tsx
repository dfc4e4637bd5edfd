import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { jobQuery, wasStopped } from "../../api/jobs";
import { sessionQuery } from "../../api/session";
import type { Job } from "../../api/types";
import { useWords } from "../../i18n/use";
import { Button } from "../../ui/controls";
import { JobProgress } from "../../ui/progress";
import { ErrorNote, Note } from "../../ui/state";
import { type Asked, modelQuery, setOf, startTraining } from "./queries";

/** Lets a model learn anew, and shows how far it is. */
export function TrainButton({ kind, again, ask }: { kind: string; again: boolean; ask?: Asked }) {
  const t = useWords();
  const queries = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const [job, setJob] = useState<Job | null>(null);
  const begin = useMutation({ mutationFn: async () => startTraining(kind, ask ?? (again && kind === "churn" ? setOf((await queries.fetchQuery(modelQuery(kind))).definition) : {})), onSuccess: setJob });
  const query = useQuery({ ...jobQuery(job?.id ?? ""), enabled: job !== null });
  const now = query.data ?? job;
  const done = now?.state === "done";
  useEffect(() => {
    if (!done) return;
    for (const key of ["models", "risk", "predictions", "suggestions", "customers", "overview", "status"]) void queries.invalidateQueries({ queryKey: [key] });
  }, [done, queries]);
  if (session && session.scope !== "write" && session.scope !== "admin") return null;
  const running = now && now.state !== "done" && now.state !== "failed";
  return (
    <>
      {running ? null : <Button variant={again ? "quiet" : "primary"} busy={begin.isPending} onClick={() => begin.mutate()}>{again ? t("predictions.retrain") : t("predictions.train")}</Button>}
      {running ? <JobProgress job={now} /> : null}
      {done ? <Note tone="good">{t("predictions.trained")}</Note> : null}
      {now?.state === "failed" ? <Note tone={wasStopped(now) ? "plain" : "bad"}>{wasStopped(now) ? t("job.stopped") : now.problem?.detail}</Note> : null}
      {begin.error ? <ErrorNote error={begin.error} /> : null}
    </>
  );
}
