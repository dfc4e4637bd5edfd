import { useEffect, useState } from "react";

import type { ImportOptions, Preview } from "../../api/types";
import { useWords } from "../../i18n/use";
import { Choice, Field } from "../../ui/controls";
import css from "./import.module.css";

interface OptionsProps {
  options: ImportOptions;
  preview: Preview | undefined;
  onOptions: (options: ImportOptions) => void;
}

const zones = ["Asia/Seoul", "Asia/Bangkok", "Asia/Tokyo", "Asia/Singapore", "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "UTC"] as const;
const currencies = ["KRW", "THB", "EUR", "USD", "GBP", "JPY", "SGD", "VND", "CNY", "AUD", "CAD", "CHF"] as const;

/** How dates, money and time are written in the file; what is left open was found by looking. */
export function OptionsForm({ options, preview, onOptions }: OptionsProps) {
  const t = useWords();
  const found = (value: string | undefined) => (value ? t("import.options.found", { value }) : t("import.options.auto"));
  const dates: Record<string, string> = { dmy: t("import.options.dmy"), mdy: t("import.options.mdy"), ymd: t("import.options.ymd") };
  const flag = (value: boolean | null | undefined) => (value === true ? "yes" : value === false ? "no" : "");
  return (
    <div className={css.options}>
      <Choice label={t("import.options.dateFormat")} value={options.date_format ?? ""} onChange={(value) => onOptions({ ...options, date_format: value })}
        options={[{ value: "", label: found(preview ? (dates[preview.date_format] ?? preview.date_format) : undefined) }, { value: "dmy", label: t("import.options.dmy") }, { value: "mdy", label: t("import.options.mdy") }, { value: "ymd", label: t("import.options.ymd") }]} />
      <Choice label={t("import.options.currency")} value={options.currency ?? ""} onChange={(value) => onOptions({ ...options, currency: value })}
        options={[{ value: "", label: found(preview?.currency) }, ...currencies.map((value) => ({ value, label: value }))]} />
      <Choice label={t("import.options.zone")} value={options.tz ?? ""} onChange={(value) => onOptions({ ...options, tz: value })}
        options={[{ value: "", label: found(preview?.timezone) }, ...zones.map((value) => ({ value, label: value.replaceAll("_", " ") }))]} />
      <Choice label={t("import.options.decimal")} value={flag(options.decimal_comma)} onChange={(value) => onOptions({ ...options, decimal_comma: value === "" ? null : value === "yes" })}
        options={[{ value: "", label: found(preview ? (preview.decimal_comma ? "1.234,56" : "1,234.56") : undefined) }, { value: "no", label: "1,234.56" }, { value: "yes", label: "1.234,56" }]} />
      <Choice label={t("import.options.header")} value={flag(options.header)} onChange={(value) => onOptions({ ...options, header: value === "" ? null : value === "yes" })}
        options={[{ value: "", label: found(preview ? (preview.has_header ? t("import.options.headerYes") : t("import.options.headerNo")) : undefined) }, { value: "yes", label: t("import.options.headerYes") }, { value: "no", label: t("import.options.headerNo") }]} />
      <MarketField value={options.market ?? ""} onChange={(market) => onOptions({ ...options, market })} />
    </div>
  );
}

function MarketField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useWords();
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text === value) return undefined;
    const wait = setTimeout(() => onChange(text.trim()), 400);
    return () => clearTimeout(wait);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only typing starts the wait
  }, [text]);
  return <Field label={t("import.options.market")} placeholder={t("import.options.marketHint")} value={text} onChange={setText} />;
}
