import { useMutation, useQueryClient } from "@tanstack/react-query";

import { cancelJob } from "../api/jobs";
import type { Job } from "../api/types";
import { useFormat, useWords } from "../i18n/use";
import { Button } from "./controls";
import css from "./progress.module.css";
import { ErrorNote } from "./state";

export function Bar({ share }: { share: number }) {
  return <div className={css.bar} aria-hidden><span style={{ width: `${Math.min(100, share * 100)}%` }} /></div>;
}

/** Asks for a stop; the work tells of it when it has undone what it began. */
export function useStop(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => cancelJob(id),
    onSettled: () => Promise.all(["job", "jobs", "status"].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

/** How far long work is, and the way to stop it. */
export function JobProgress({ job }: { job: Job }) {
  const t = useWords();
  const f = useFormat();
  const stop = useStop(job.id);
  const share = job.total > 0 ? job.done / job.total : 0;
  const rows = job.rows > 0 ? job.rows : job.unit === "rows" ? job.done : 0;
  return (
    <div className={css.running}>
      <div className={css.stage} role="status">
        <strong>{t(job.kind === "analysis" ? "import.running.analysing" : job.kind === "duplicates" ? "duplicates.searching" : "import.running.reading")}{job.total > 0 ? ` · ${f.percent(Math.min(1, share))}` : ""}</strong>
        <span>
          {rows > 0 ? t("import.running.rows", { n: f.int(rows) }) : ""}
          {job.rate_per_s > 0 && rows > 0 ? ` · ${t("import.running.rate", { n: f.compact(job.rate_per_s) })}` : ""}
          {job.remaining_s > 1 ? ` · ${t("import.running.left", { time: f.seconds(job.remaining_s) })}` : ""}
        </span>
      </div>
      <div className={css.line}>
        <Bar share={share} />
        <Button size="xs" disabled={stop.isPending || stop.isSuccess} onClick={() => stop.mutate()}>{stop.isPending || stop.isSuccess ? t("job.stopping") : t("job.stop")}</Button>
      </div>
      {stop.error ? <ErrorNote error={stop.error} /> : null}
    </div>
  );
}
