import { queryOptions, useQuery } from "@tanstack/react-query";

import { answer, api } from "../api/client";
import type { Condition } from "../api/live";
import { useFormat, useSentence, useWords } from "../i18n/use";
import { now } from "../lib/days";
import { Icon } from "./icons";
import { Pop } from "./overlay";
import { ErrorNote } from "./state";
import css from "./why.module.css";

export const whyQuery = (segment: string, customer: string, lang: "en" | "ko" | "th") =>
  queryOptions({
    queryKey: ["segment", segment, "why", customer, lang],
    queryFn: ({ signal }) => answer(api.GET("/v1/segments/{slug}/why/{customer}", { params: { path: { slug: segment, customer }, query: { lang } }, signal })),
    enabled: customer !== "",
    retry: false,
    staleTime: 0,
  });

/** Why somebody is, or is not, in a segment: each condition with her own value. */
export function WhyPop({ segment, customer, name }: { segment: string; customer: string; name: string }) {
  const t = useWords();
  return <Pop label={t("why.ask")} title={t("why.title", { name })} width={380}>{() => <WhyAnswer segment={segment} customer={customer} />}</Pop>;
}

export function WhyAnswer({ segment, customer }: { segment: string; customer: string }) {
  const t = useWords();
  const f = useFormat();
  const query = useQuery(whyQuery(segment, customer, f.language));
  if (query.error) return <ErrorNote error={query.error} />;
  if (!query.data) return <p className={css.wait} role="status">{t("state.loading")}</p>;
  const { member, since, conditions } = query.data;
  return (
    <div className={css.why}>
      <p className={css.verdict} data-in={member || undefined}>
        <Icon name={member ? "check" : "close"} size={16} />
        <span>{member ? (since ? t("why.since", { ago: f.ago(since, now()) }) : t("why.in")) : t("why.out")}</span>
      </p>
      <ul className={css.conditions}>{(conditions ?? []).map((c, at) => <ConditionLine key={at} condition={c} />)}</ul>
    </div>
  );
}

function ConditionLine({ condition }: { condition: Condition }) {
  const t = useWords();
  return (
    <li className={css.condition} data-holds={condition.holds || undefined}>
      <Icon name={condition.holds ? "check" : "close"} size={15} />
      <span className="visually-hidden">{condition.holds ? t("why.holds") : t("why.fails")}</span>
      <span>{condition.sentence}<Value value={condition.value} /></span>
    </li>
  );
}

function Value({ value }: { value: unknown }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  // Stages and groups are told by their keys.
  const named = (text: string) => sentence(`lifecycle.${text}`) ?? sentence(`group.${text}.name`) ?? text;
  if (value === undefined) return null;
  const text = value === null ? t("why.unknown")
    : typeof value === "boolean" ? t(value ? "segments.yes" : "segments.no")
    : typeof value === "number" ? (Number.isInteger(value) ? f.int(value) : f.significant(value, 5))
    : Array.isArray(value) ? f.list(value.map((one) => named(String(one))))
    : typeof value === "object" ? JSON.stringify(value)
    : /^\d{4}-\d\d-\d\dT/.test(String(value)) ? f.instant(String(value)) : named(String(value));
  return <b className={css.value}>{t("why.hers", { value: text })}</b>;
}
