import { Link } from "@tanstack/react-router";

import type { Finding } from "../../api/types";
import { Emphasised, useFormat, useSentence, useWords } from "../../i18n/use";
import { asSearch } from "../../lib/filters";
import { Icon } from "../../ui/icons";
import css from "./findings.module.css";
import { useFindingValues } from "./findingvalues";

/** What stands out, in plain words, with the people and the money behind each. */
export function Findings({ findings }: { findings: Finding[] }) {
  const t = useWords();
  if (findings.length === 0) return null;
  return (
    <section aria-label={t("findings.title")} className={css.findings}>
      {findings.map((finding) => <Card key={finding.id} finding={finding} />)}
    </section>
  );
}

// A change for the better and one for the worse are one kind with two wordings.
function wordingOf(finding: Finding): string {
  return finding.kind === "cohort_change" ? (finding.severity === "good" ? "cohort_better" : "cohort_worse") : finding.kind;
}

// Why people leave leads to those who may leave for it.
function evidenceOf(finding: Finding): Record<string, unknown> {
  const { people, market } = (finding.params ?? {}) as { people?: Record<string, unknown>; market?: string };
  return { ...people, ...(market ? { market } : {}) };
}

const leaving = new Set(["at_risk_value", "cannot_lose", "slipped_regulars"]);

function Card({ finding }: { finding: Finding }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const values = useFindingValues(finding);
  const kind = wordingOf(finding);
  const title = sentence(`finding.${kind}.title`, values) ?? t("findings.other");
  const text = sentence(`finding.${kind}.text`, values) ?? finding.sentences?.[f.language] ?? finding.sentence;
  const tone = finding.severity === "bad" || finding.severity === "good" ? finding.severity : "warn";
  const market = finding.filter?.["market"];
  const people = finding.filter ? asSearch(finding.filter) : finding.segment ? { segment: finding.segment } : {};
  // Of those about to leave, whom it costs most to lose come first.
  const sorted = leaving.has(finding.kind) && !("sort" in people && people.sort) ? { ...people, sort: "value_at_risk" } : people;
  const search = market ? { ...sorted, market } : sorted;
  return (
    <article className={css.card} data-tone={tone}>
      <h2 className={css.title}><span className={css.mark} aria-hidden><Icon name={tone === "good" ? "up" : "warning"} size={14} /></span>{title}</h2>
      <p className={css.text}><Emphasised text={text} /></p>
      <div className={css.foot}>
        <p className={css.money}><span title={f.money(finding.money)}>{f.moneyShort(finding.money)}</span> <small>{sentence(`finding.${kind}.money`) ?? t(`findings.money.${tone}`)}</small></p>
        {finding.kind === "leaving_cause" ? (
          <Link to="/risk" search={evidenceOf(finding) as never} className={css.link}>{t("findings.people", { count: finding.customers, n: f.int(finding.customers) })}<Icon name="right" size={14} /></Link>
        ) : finding.customers > 0 ? (
          <Link to="/customers" search={search as never} className={css.link}>{t("findings.people", { count: finding.customers, n: f.int(finding.customers) })}<Icon name="right" size={14} /></Link>
        ) : finding.evidence ? (
          <Link to="/forecast" search={{ kpi: finding.evidence.kpi, unit: finding.evidence.unit, at: finding.evidence.start } as never} className={css.link}>{t("forecast.show")}<Icon name="right" size={14} /></Link>
        ) : null}
      </div>
    </article>
  );
}
