import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { answer, api } from "../api/client";
import { runningJobQuery, statusQuery } from "../api/status";
import type { Job, Status } from "../api/types";
import { useFormat, useWords } from "../i18n/use";
import { now } from "../lib/days";
import { Button, IconButton } from "../ui/controls";
import { useStop } from "../ui/progress";
import css from "./freshness.module.css";

/** How far the orders reach, when they were last analysed, and what runs at this moment. */
export function Freshness({ status }: { status: Status }) {
  const t = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const job = useQuery(runningJobQuery(status.jobs_running > 0));
  const analyse = useMutation({
    mutationFn: () => answer(api.POST("/v1/analyses", { body: {} })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["status"] }),
  });

  // When a job ends or new data came in, every answer on screen is out of date.
  const seen = useRef({ version: status.data_version, finished: status.analysis?.finished_at });
  useEffect(() => {
    const after = { version: status.data_version, finished: status.analysis?.finished_at };
    if (after.version !== seen.current.version || after.finished !== seen.current.finished) {
      seen.current = after;
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== statusQuery.queryKey[0] });
    }
  }, [status, queries]);

  const running = status.jobs_running > 0 ? job.data : undefined;
  return (
    <div className={css.box}>
      {running ? <Running key={running.id} job={running} /> : null}
      {status.customers > 0 ? (
        <dl className={css.facts}>
          <div><dt>{t("fresh.ordersTo")}</dt><dd>{f.day(status.last_day)}</dd></div>
          <div><dt>{t("fresh.customers")}</dt><dd>{f.int(status.customers)}</dd></div>
          <div><dt>{t("fresh.analysed")}</dt><dd>{status.analysis ? f.ago(status.analysis.finished_at, now()) : t("fresh.never")}</dd></div>
        </dl>
      ) : null}
      {status.customers > 0 && !running && (!status.analysis || status.analysis.stale) ? (
        <div className={css.stale}>
          <p>{status.analysis ? t("fresh.stale") : t("fresh.none")}</p>
          <Button size="xs" variant="primary" busy={analyse.isPending} onClick={() => analyse.mutate()}>{t("fresh.analyse")}</Button>
        </div>
      ) : null}
    </div>
  );
}

function Running({ job }: { job: Job }) {
  const t = useWords();
  const f = useFormat();
  const stop = useStop(job.id);
  const share = job.total > 0 ? Math.min(1, job.done / job.total) : 0;
  const name = t(job.kind === "import" ? "fresh.importing" : job.kind === "duplicates" ? "duplicates.running" : "fresh.analysing");
  return (
    <div className={css.job}>
      <Link to="/import" className={css.jobLink}>
        <span className={css.jobLine} role="status"><span>{name}</span><span>{job.total > 0 ? f.percent(share) : ""}</span></span>
        <span className={css.track} aria-hidden><span className={css.fill} data-unknown={job.total > 0 ? undefined : true} style={{ width: `${job.total > 0 ? share * 100 : 35}%` }} /></span>
      </Link>
      <IconButton icon="close" size="sm" label={stop.isPending || stop.isSuccess ? t("job.stopping") : t("job.stop")} disabled={stop.isPending || stop.isSuccess} onClick={() => stop.mutate()} />
    </div>
  );
}
