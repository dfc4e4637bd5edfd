import { useQuery } from "@tanstack/react-query";

import { useScope } from "../api/scope";
import { statusQuery } from "../api/status";
import { useFormat, useWords } from "../i18n/use";
import { Note } from "./state";

/** Says so where a screen cannot follow the day chosen above, because it shows the last analysis. */
export function AnalysisDay() {
  const t = useWords();
  const f = useFormat();
  const scope = useScope();
  const { data: status } = useQuery(statusQuery);
  const day = status?.analysis?.as_of;
  if (!scope.as_of || !day || scope.as_of === day) return null;
  return <Note>{t("scope.fixed", { day: f.day(day) })}</Note>;
}
