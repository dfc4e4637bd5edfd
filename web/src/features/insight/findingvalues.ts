import type { Finding } from "../../api/types";
import { useFormat, useSentence } from "../../i18n/use";
import type { Format, Money } from "../../lib/format";

const returnDays = 90;
const shares = /(share|rate|churn|change|ratio|retention|coverage|probability)/;

function isMoney(value: unknown): value is Money {
  return typeof value === "object" && value !== null && "amount" in value && "currency" in value;
}

// A parameter is written by what its name says it is: a share, a market, a day, a count.
function write(f: Format, sentence: ReturnType<typeof useSentence>, name: string, value: unknown): unknown {
  if (isMoney(value)) return f.moneyShort(value);
  if (typeof value === "number") return shares.test(name) ? f.share(Math.abs(value)) : Number.isInteger(value) ? f.int(value) : f.decimal(value, 1);
  if (typeof value !== "string") return String(value);
  if (/market/.test(name)) return f.market(value);
  if (/group/.test(name)) return sentence(`group.${value}.name`) ?? value;
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return /(cohort|month)/.test(name) ? f.month(value) : f.day(value);
  return value;
}

/** The numbers of a finding, written for its sentence. `count` stays a number: plural forms need it. */
export function useFindingValues(finding: Finding): Record<string, unknown> {
  const f = useFormat();
  const sentence = useSentence();
  const written: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(finding.params ?? {})) written[name] = write(f, sentence, name, value);
  // Coming back is counted within 90 days wherever the server does not name another span.
  const within = written["within_days"] === undefined || finding.kind === "one_time_buyers" ? f.int(returnDays) : written["within_days"];
  return { ...written, within_days: within, count: finding.customers, people: f.int(finding.customers), money: f.moneyShort(finding.money) };
}
