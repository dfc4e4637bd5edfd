import type { Customer } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import type { Money } from "../../lib/format";

/** The customer in one sentence, in the reader's language where the catalogue knows its kind. */
export function useSummary(customer: Customer | undefined): string | undefined {
  const f = useFormat();
  const sentence = useSentence();
  const t = useWords();
  // Of who has not ordered the server can only say that there is nothing to say.
  if (!customer?.summary || (customer.orders === 0 && !customer.summary.kind)) return undefined;
  const values: Record<string, unknown> = {
    count: customer.orders, orders: f.int(customer.orders), spend: f.moneyWhole(customer.spend), days: f.int(customer.days_since_last), ago: t("customers.daysAgo", { count: customer.days_since_last, n: f.int(customer.days_since_last) }),
    first: f.day(customer.first_order_at), last: f.day(customer.last_order_at), alive: f.share(customer.p_alive), quiet: f.share(customer.p_no_order_90d),
    value: f.moneyWhole(customer.expected_value), expected: f.decimal(customer.expected_orders, 1),
  };
  for (const [name, value] of Object.entries(customer.summary.params ?? {})) {
    if (name in values) continue;
    if (typeof value === "number") values[name] = Number.isInteger(value) ? f.int(value) : f.decimal(value, 1);
    else if (typeof value === "object" && value !== null && "amount" in value) values[name] = f.moneyWhole(value as Money);
    else values[name] = value;
  }
  const words = sentence(`summary.${customer.summary.kind || "plain"}`, values);
  if (!words) return customer.summary.sentence;
  return customer.summary.params?.["last_delivery_late"] === true ? `${words} ${t("summary.late")}` : words;
}
