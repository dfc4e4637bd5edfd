// What the server assumed while it looked at a file, in the reader's language: it says so in English, with the flags of its command line.
import { useSentence } from "../../i18n/use";

const forms: [key: string, form: RegExp, holes: string[]][] = [
  ["noCustomer", /^The file has no customer number, so customers are told apart by the column "(.*)"\.$/, ["column"]],
  ["noOrder", /^The file has no order number, so each row is an order of its own\.$/, []],
  ["currencyBeside", /^The currency is (\S+), as written beside the amounts\.$/, ["currency"]],
  ["currencyHeader", /^The currency is (\S+), by the header "(.*)"\.$/, ["currency", "column"]],
  ["currencyGuessed", /^No column names a currency\. (\S+) is taken for the whole file/, ["currency"]],
  ["noCurrency", /^Nothing in the file names a currency/, []],
  ["totalUnused", /^The amount of a line is unit price × quantity; the column "(.*)" is of the whole order/, ["column"]],
  ["utcHere", /^Times are taken as UTC; --tz says otherwise, such as --tz (\S+)\.$/, ["zone"]],
  ["utc", /^Times are taken as UTC/, []],
  ["cancelled", /^(\d+) lines are of cancelled orders/, ["n"]],
  ["givenBack", /^(\d+) lines were bought and given back/, ["n"]],
  ["withdrawn", /^(\d+) orders? that an earlier import took in (?:is|are) cancelled in this file: what (?:it|they) sold is given back by (\d+) refund/, ["n", "refunds"]],
];

/** Which note it is, and what stands in it; undefined for one that this console does not know. */
export function noteOf(text: string): { key: string; values: Record<string, string> } | undefined {
  for (const [key, form, holes] of forms) {
    const match = form.exec(text);
    if (match) return { key, values: Object.fromEntries(holes.map((hole, at) => [hole, match[at + 1] ?? ""])) };
  }
  return undefined;
}

export function useImportNote(): (text: string) => string {
  const sentence = useSentence();
  return (text) => {
    const known = noteOf(text);
    // Nobody types flags here.
    return (known && sentence(`import.note.${known.key}`, known.values)) ?? text.replace(/[;,]? ?--[a-z-]+ [^.;]*\.$/, ".");
  };
}
