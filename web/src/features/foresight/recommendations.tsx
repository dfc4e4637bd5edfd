import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";

import { answer, api } from "../../api/client";
import { useFormat, useWords } from "../../i18n/use";
import { Choice, Field } from "../../ui/controls";
import { Columns, Page, Panel, Stack } from "../../ui/page";
import { Answer, Empty, LoadingPage, Note } from "../../ui/state";
import css from "./foresight.module.css";
import { recommendCardQuery, type SuggestionRules } from "./queries";
import { RecommendPerformance } from "./recommendquality";
import { isUntrained } from "./risk";
import { SuggestionsPanel } from "./suggestions";
import { TrainButton } from "./train";

const boughtRules = ["exclude", "due", "allow"] as const;

/** What each person will want next: try it on one, change the rules, and see how good it is. */
export function RecommendationsScreen() {
  const t = useWords();
  const query = useQuery(recommendCardQuery);
  const untrained = !query.data && isUntrained(query.error);
  return (
    <Page title={t("recommendations.title")} lede={t("recommendations.lede")} actions={query.data ? <TrainButton kind="recommend" again /> : undefined}>
      {untrained ? <Empty icon="value" title={t("recommendations.untrainedTitle")} sentence={t("recommendations.untrained")} action={<TrainButton kind="recommend" again={false} />} />
        : <Answer query={query} loading={<LoadingPage />}>{(card) => <><Try /><RecommendPerformance card={card} /></>}</Answer>}
    </Page>
  );
}

function Try() {
  const t = useWords();
  const search = useSearch({ from: "/recommendations" });
  const navigate = useNavigate({ from: "/recommendations" });
  const bought = boughtRules.find((rule) => rule === search.bought) ?? "exclude";
  const rules: SuggestionRules = { count: 8, bought };
  return (
    <>
      <Columns kind="lead">
        <People chosen={search.customer} onChoose={(customer) => void navigate({ search: (before) => ({ ...before, customer }), replace: true, resetScroll: false })} />
        <Stack>
          <Panel title={t("recommendations.rules")} note={t("recommendations.rulesNote")}>
            <Choice label={t("recommendations.bought.label")} value={bought} options={boughtRules.map((rule) => ({ value: rule, label: t(`recommendations.bought.${rule}`) }))}
              onChange={(next) => void navigate({ search: (before) => ({ ...before, bought: next === "exclude" ? undefined : next }), replace: true, resetScroll: false })} />
          </Panel>
        </Stack>
      </Columns>
      {search.customer ? <SuggestionsPanel id={search.customer} rules={rules} /> : <Note>{t("recommendations.choose")}</Note>}
    </>
  );
}

/** Anyone, found by a part of a name or a number. */
function People({ chosen, onChoose }: { chosen: string | undefined; onChoose: (id: string) => void }) {
  const t = useWords();
  const f = useFormat();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ["find", "recommendations", wanted],
    queryFn: ({ signal }) => answer(api.GET("/v1/customers", { params: { query: { ...(wanted ? { q: wanted } : {}), limit: 6 } }, signal })),
    placeholderData: keepPreviousData,
  });
  const people = found.data?.items ?? [];
  return (
    <Panel title={t("recommendations.who")} actions={chosen ? <Link to="/customers/$id" params={{ id: chosen }} search={{ tab: "foresight" }}>{t("recommendations.profile")}</Link> : undefined}>
      <Field label={t("recommendations.find")} hideLabel icon="search" placeholder={t("find.placeholder")} value={text} onChange={setText} />
      <ul className={css.people} aria-label={t("find.results")}>
        {people.map((person) => (
          <li key={person.id}>
            <button type="button" aria-pressed={person.id === chosen} onClick={() => onChoose(person.id)}>
              <span>{person.name || person.id}</span><small>{f.moneyShort(person.spend)} · {t("recommendations.orders", { count: person.orders, n: f.int(person.orders) })}</small>
            </button>
          </li>
        ))}
      </ul>
      {found.data && people.length === 0 ? <Note>{t("find.none")}</Note> : null}
    </Panel>
  );
}
