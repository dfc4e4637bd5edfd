import type { Segment } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import css from "./segments.module.css";

interface Condition {
  and?: Condition[];
  or?: Condition[];
  not?: Condition;
  trait?: string;
  op?: string;
  value?: unknown;
}

const signs: Record<string, string> = { eq: "=", "=": "=", "==": "=", ne: "≠", "!=": "≠", ge: "≥", ">=": "≥", le: "≤", "<=": "≤", gt: ">", ">": ">", lt: "<", "<": "<", in: ":" };

function atoms(rule: Condition): Condition[] {
  if (rule.trait) return [rule];
  return [...(rule.and ?? []), ...(rule.or ?? [])].flatMap(atoms);
}

/** The rule itself: the named traits and what they must be, so that nobody has to guess who is inside. */
export function RuleText({ segment }: { segment: Segment }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const rule = (segment.rule ?? {}) as Condition;
  const word = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(word).join(", ");
    if (typeof value === "number") return f.significant(value);
    if (typeof value === "boolean") return value ? t("segments.yes") : t("segments.no");
    const text = String(value ?? "");
    return sentence(`lifecycle.${text}`) ?? sentence(`group.${text}.name`) ?? text;
  };
  return (
    <div className={css.rule}>
      <p className={css.ruleText}>{rule.or ? t("segments.anyOf") : t("segments.allOf")}</p>
      {atoms(rule).map((atom) => (
        <p key={`${atom.trait}${atom.op}${String(atom.value)}`} className={css.ruleText}>
          <strong>{sentence(`trait.${atom.trait}`) ?? atom.trait}</strong> {signs[atom.op ?? ""] ?? atom.op} <code>{word(atom.value)}</code>
        </p>
      ))}
    </div>
  );
}
