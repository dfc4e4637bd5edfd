import { useQuery } from "@tanstack/react-query";

import { useFormat, useWords } from "../../i18n/use";
import { Columns, Panel } from "../../ui/page";
import { Answer, Loading, Note, Skeleton } from "../../ui/state";
import css from "./foresight.module.css";
import { suggestionsQuery, type SuggestionRules } from "./queries";
import { isUntrained } from "./risk";
import type { Suggestions } from "./shapes";
import { useSaid } from "./words";

/** What she is likely to buy next, because of what, and what she will soon need again. */
export function SuggestionsPanel({ id, rules }: { id: string; rules?: SuggestionRules }) {
  const t = useWords();
  const query = useQuery(suggestionsQuery(id, rules));
  if (!query.data && isUntrained(query.error)) return <Note>{t("recommendations.untrained")}</Note>;
  return (
    <Answer query={query} loading={<Loading><Skeleton height={260} /></Loading>}>
      {(data) => (
        <Columns kind="lead">
          <Next data={data} />
          <Again data={data} />
        </Columns>
      )}
    </Answer>
  );
}

function Next({ data }: { data: Suggestions }) {
  const t = useWords();
  const said = useSaid();
  const items = data.items ?? [];
  return (
    <Panel title={t("recommendations.next")} note={data.fallback ? t("recommendations.fallback") : t("recommendations.nextNote")}>
      {items.length === 0 ? <Note>{t("recommendations.noItems")}</Note> : (
        <ol className={css.suggestions}>
          {items.map((item) => (
            <li key={item.product}>
              <span className={css.suggestion}><b>{item.name || item.product}</b><small>{said(item.reason.sentences)}</small></span>
              <small>{item.category}</small>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Again({ data }: { data: Suggestions }) {
  const t = useWords();
  const f = useFormat();
  const due = data.due ?? [];
  return (
    <Panel title={t("recommendations.due")} note={t("recommendations.dueNote")}>
      {due.length === 0 ? <Note>{t("recommendations.noDue")}</Note> : (
        <ol className={css.suggestions}>
          {due.map((item) => (
            <li key={item.product}>
              <span className={css.suggestion}><b>{item.name || item.product}</b><small>{t("recommendations.every", { days: f.int(item.interval_days), low: f.day(item.low), high: f.day(item.high) })}</small></span>
              <span>{f.day(item.day)}</span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
