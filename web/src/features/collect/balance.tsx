import { useFormat, useWords } from "../../i18n/use";
import css from "./import.module.css";
import { useReason } from "./problems";

interface BalanceProps {
  read: number;
  accepted: number;
  refunds: number;
  /** Refunds on the row of their purchase: that row is counted as the purchase. */
  beside: number;
  present: number;
  aside: Record<string, number>;
}

/** Every line read is in exactly one of these rows: nothing is lost without a word. */
export function Balance({ read, accepted, refunds, beside, present, aside }: BalanceProps) {
  const t = useWords();
  const f = useFormat();
  const reason = useReason();
  const reasons = Object.entries(aside).filter(([, n]) => n > 0).toSorted((a, b) => b[1] - a[1]);
  return (
    <dl className={css.sum}>
      <dt>{t("import.balance.accepted")}</dt><dd>{f.int(accepted)}</dd>
      <dt>{t("import.balance.refunds")}</dt><dd>{f.int(refunds)}</dd>
      {present > 0 ? <><dt>{t("import.balance.present")}</dt><dd>{f.int(present)}</dd></> : null}
      {reasons.length > 0 ? <><dt>{t("import.balance.aside")}</dt><dd>{f.int(reasons.reduce((sum, [, n]) => sum + n, 0))}</dd></> : null}
      {reasons.map(([name, n]) => (
        <div key={name} style={{ display: "contents" }}><dt className={css.inset}>{reason(name)}</dt><dd>{f.int(n)}</dd></div>
      ))}
      <dt className={css.total}>{t("import.balance.read")}</dt><dd className={css.total}>{f.int(read)}</dd>
      {beside > 0 ? <><dt title={t("import.balance.besideNote")}>{t("import.balance.beside")}</dt><dd>{f.int(beside)}</dd></> : null}
    </dl>
  );
}
