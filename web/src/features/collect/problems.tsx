import { useFormat, useSentence } from "../../i18n/use";
import { Note } from "../../ui/state";
import css from "./import.module.css";
import { reasonKey } from "./mapping";

interface Problem {
  reason: string;
  sentence: string;
  next?: string | undefined;
  column?: string | undefined;
  line?: number | undefined;
  value?: string | undefined;
  fatal: boolean;
}

/** A set-aside reason in words. */
export function useReason(): (reason: string) => string {
  const sentence = useSentence();
  return (reason) => sentence(`reason.${reasonKey(reason)}`) ?? reason.replaceAll("_", " ");
}

/** What is wrong with the file, where, and what to do here about it. */
export function ProblemNote({ problem }: { problem: Problem }) {
  const sentence = useSentence();
  const f = useFormat();
  const key = reasonKey(problem.reason);
  const values = { column: problem.column ?? "", value: problem.value ?? "", line: problem.line ? f.int(problem.line) : "" };
  const text = sentence(`problem.${key}.text`, values) ?? problem.sentence;
  const next = sentence(`problem.${key}.next`, values) ?? problem.next;
  return (
    <Note tone={problem.fatal ? "bad" : "warn"}>
      <p>{text}</p>
      {next ? <p className={css.problemNext}>{next}</p> : null}
    </Note>
  );
}
