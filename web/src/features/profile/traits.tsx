import type { Trait } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import type { Format, Money } from "../../lib/format";
import { Panel } from "../../ui/page";
import css from "./customer.module.css";

function write(f: Format, trait: Trait): string {
  const { value, unit } = trait;
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "object" && "amount" in value) return f.moneyWhole(value as Money);
  if (typeof value === "boolean") return value ? "✓" : "✗";
  if (typeof value === "string") {
    if (/^\d{4}-\d{2}-\d{2}/.test(value)) return f.day(value);
    return /market/.test(trait.name) ? f.market(value) : value;
  }
  if (typeof value !== "number") return String(value);
  if (unit === "share") return trait.name === "spend_trend" ? f.change(value) : f.share(value);
  return Number.isInteger(value) ? f.int(value) : f.decimal(value, 1);
}

// What the page shows elsewhere, and what only models need, is left out.
const elsewhere = new Set(["orders", "spend", "avg_order_value", "first_order_day", "last_order_day", "days_since_last_order", "refunds", "repeat_days", "first_day_spend", "repeat_day_spend", "repeat_day_spend_mean", "lines", "deliveries", "coupon_orders", "refund_orders", "first_market", "last_market"]);

/** What is known of her as named figures: the same that segments and models read. */
export function Traits({ traits }: { traits: Trait[] }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const shown = traits.filter((trait) => !elsewhere.has(trait.name) && trait.value !== null && trait.value !== "");
  if (shown.length === 0) return null;
  return (
    <Panel title={t("profile.traits")}>
      <dl className={css.traits}>
        {shown.map((trait) => (
          <div key={trait.name} style={{ display: "contents" }}>
            <dt title={trait.name}>{sentence(`trait.${trait.name}`) ?? trait.label}</dt>
            <dd>{write(f, trait)}{trait.unit === "days" ? ` ${t("profile.days")}` : ""}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
