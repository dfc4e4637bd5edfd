// What the server assumed and did with a file, in the reader's language: it sends a code with what stands in the sentence, and the English one.
import type { ImportNote } from "../../api/types";
import { useFormat, useSentence } from "../../i18n/use";

/** What fills the holes of a note: a count also as a number, which decides between one and several. */
export function holesOf(values: Record<string, string>, int: (n: number) => string): Record<string, unknown> {
  if (values.count === undefined) return values;
  const count = Number(values.count);
  return { ...values, count, n: int(count) };
}

export function useImportNote(): (note: ImportNote) => string {
  const sentence = useSentence();
  const f = useFormat();
  // Nobody types flags here.
  return (note) => (note.code ? sentence(`import.note.${note.code}`, holesOf(note.values ?? {}, (n) => f.int(n))) : undefined) ?? note.sentence.replace(/[;,]? ?--[a-z-]+ [^.;]*\.$/, ".");
}

const outcomes = new Set(["cancelled", "returned", "withdrawn", "told_less"]);

/** Whether a note says what an import did, and not what was assumed before. */
export function isOutcome(note: ImportNote): boolean {
  return outcomes.has(note.code);
}
