import { useQuery } from "@tanstack/react-query";

import { useFormat, useSentence, useWords } from "../../i18n/use";
import { narrowed, type CustomerFilter, type CustomerSearch } from "../../lib/filters";
import { groups, segmentName } from "../../lib/groups";
import { Choice } from "../../ui/controls";
import { Icon } from "../../ui/icons";
import { Typed } from "../../ui/typed";
import css from "./customers.module.css";
import { segmentNamesQuery } from "./queries";

interface FiltersProps {
  search: CustomerSearch;
  onChange: (next: CustomerSearch, replace?: boolean) => void;
}

const stages = ["new", "active", "slipping", "at_risk", "one_time", "lost"] as const;

// The chance that a customer is still one, in the three ranges people act on.
const ranges = { likely: ["0.7", ""], unsure: ["0.3", "0.7"], gone: ["", "0.3"] } as const;

function rangeOf(search: CustomerSearch): keyof typeof ranges | "" {
  for (const [name, [low, high]] of Object.entries(ranges)) {
    if ((search.min_p_alive ?? "") === low && (search.max_p_alive ?? "") === high) return name as keyof typeof ranges;
  }
  return "";
}

export function CustomerFilters({ search, onChange }: FiltersProps) {
  const t = useWords();
  const sentence = useSentence();
  const segments = useQuery(segmentNamesQuery);
  const any = { value: "", label: t("filter.any") };
  return (
    <div className={css.filters} role="search" aria-label={t("filter.label")}>
      <div className={css.fields}>
        <Typed icon placeholder={t("filter.searchHint")} label={t("filter.search")} value={search.q ?? ""} onCommit={(q) => onChange({ q: q || undefined }, true)} />
        <Choice label={t("filter.group")} value={search.group ?? ""} onChange={(group) => onChange({ group: group || undefined })}
          options={[any, ...groups.map((value) => ({ value, label: t(`group.${value}.name`) }))]} />
        <Choice label={t("filter.lifecycle")} value={search.lifecycle ?? ""} onChange={(lifecycle) => onChange({ lifecycle: lifecycle || undefined })}
          options={[any, ...stages.map((value) => ({ value, label: t(`lifecycle.${value}`) }))]} />
        <Choice label={t("filter.segment")} value={search.segment ?? ""} onChange={(segment) => onChange({ segment: segment || undefined })}
          options={[any, ...(segments.data?.items ?? []).map((s) => ({ value: s.slug, label: segmentName(sentence, s.slug, s.name) }))]} />
        <Choice label={t("filter.alive")} value={rangeOf(search)} options={[any, ...(["likely", "unsure", "gone"] as const).map((value) => ({ value, label: t(`filter.range.${value}`) }))]}
          onChange={(name) => {
            const [low, high] = name ? ranges[name as keyof typeof ranges] : ["", ""];
            onChange({ min_p_alive: low || undefined, max_p_alive: high || undefined });
          }} />
        <Typed numeric label={t("filter.minSpend")} value={search.min_spend ?? ""} onCommit={(value) => onChange({ min_spend: value || undefined }, true)} />
      </div>
      <Chips search={search} onChange={onChange} />
    </div>
  );
}

function Chips({ search, onChange }: FiltersProps) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const segments = useQuery(segmentNamesQuery);
  const set = narrowed(search);
  if (set.length === 0) return null;
  const write = (key: CustomerFilter, value: string): string => {
    switch (key) {
      case "group": return t("kind.group", { name: sentence(`group.${value}.name`) ?? value });
      case "lifecycle": return t("kind.stage", { name: sentence(`lifecycle.${value}`) ?? value });
      case "segment": return segmentName(sentence, value, segments.data?.items?.find((s) => s.slug === value)?.name ?? value);
      case "min_p_no_order_90d": return t("filter.chip.minQuiet", { share: f.percent(Number(value)) });
      case "last_delivery_late": return t("filter.chip.late");
      case "r": return t("filter.chip.r", { score: value });
      case "f": return t("filter.chip.f", { score: value });
      case "min_p_alive": return t("filter.chip.minAlive", { share: f.percent(Number(value)) });
      case "max_p_alive": return t("filter.chip.maxAlive", { share: f.percent(Number(value)) });
      case "min_spend": return t("filter.chip.minSpend", { amount: f.int(Number(value)) });
      default: return `“${value}”`;
    }
  };
  return (
    <div className={css.chips}>
      {set.map(([key, value]) => (
        <button key={key} type="button" className={css.chip} onClick={() => onChange({ [key]: undefined })} aria-label={t("filter.remove", { what: write(key, value) })}>
          {write(key, value)}<Icon name="close" size={13} />
        </button>
      ))}
      {set.length > 1 ? <button type="button" className={css.clear} onClick={() => onChange(Object.fromEntries(set.map(([key]) => [key, undefined])))}>{t("filter.clearAll")}</button> : null}
    </div>
  );
}
