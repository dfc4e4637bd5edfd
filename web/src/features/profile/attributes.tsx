import { Link } from "@tanstack/react-router";

import type { PersonAttribute } from "../../api/live";
import type { Customer } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { segmentName } from "../../lib/groups";
import { now } from "../../lib/days";
import { Panel } from "../../ui/page";
import { WhyPop } from "../../ui/why";
import css from "./people.module.css";

function valueText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "boolean" ? (value ? "✓" : "✗") : String(value as string | number);
}

/** What she or the shop told of her: the last value of each. */
export function Attributes({ attributes }: { attributes: PersonAttribute[] }) {
  const t = useWords();
  const f = useFormat();
  if (attributes.length === 0) return null;
  return (
    <Panel title={t("attributes.title")}>
      <dl className={css.pairs}>
        {attributes.map((a) => <div key={a.name}><dt>{a.name}</dt><dd title={a.at ? f.instant(a.at) : undefined}>{valueText(a.value)}</dd></div>)}
      </dl>
    </Panel>
  );
}

/** The segments she is in, since when, and why. */
export function Memberships({ customer, id }: { customer: Customer; id: string }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const items = customer.segments ?? [];
  if (!customer.segments) return null;
  const at = now();
  return (
    <Panel title={t("membership.title")}>
      {items.length === 0 ? <p className={css.hint}>{t("membership.none")}</p> : (
        <ul className={css.memberships}>
          {items.map((s) => {
            const name = segmentName(sentence, s.id, s.name);
            return (
              <li key={s.id}>
                <span><Link to="/segments/$slug" params={{ slug: s.id }}>{name}</Link>{s.since ? <small title={f.instant(s.since)}>{t("membership.since", { ago: f.ago(s.since, at) })}</small> : null}</span>
                <WhyPop segment={s.id} customer={id} name={name} />
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}
