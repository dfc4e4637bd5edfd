import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { startAnalysis } from "../../api/jobs";
import { statusQuery } from "../../api/status";
import type { Overview } from "../../api/types";
import { useFormat, useWords } from "../../i18n/use";
import { Button } from "../../ui/controls";
import { Row } from "../../ui/page";
import { ErrorNote, Note } from "../../ui/state";

/** Of which day findings and forecast are, where newer orders wait for the next analysis. */
export function Standing({ data }: { data: Overview }) {
  const t = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const { data: status } = useQuery(statusQuery);
  const analyse = useMutation({ mutationFn: () => startAnalysis(), onSuccess: () => queries.invalidateQueries({ queryKey: statusQuery.queryKey }) });
  const day = data.analysed_as_of;
  if (!data.analysis_stale || !day) return null;
  return (
    <>
      <Note tone="warn">
        <Row spread>
          <p>{t("overview.stale", { day: f.day(day) })}</p>
          <Button size="xs" busy={analyse.isPending || (status?.jobs_running ?? 0) > 0} onClick={() => analyse.mutate()}>{t("overview.again")}</Button>
        </Row>
      </Note>
      {analyse.error ? <ErrorNote error={analyse.error} /> : null}
    </>
  );
}
