import type { Customer, TimelineEntry } from "../../api/types";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { Panel } from "../../ui/page";
import css from "./customer.module.css";

/** All that happened between her and the shop, newest first. */
export function Timeline({ customer }: { customer: Customer }) {
  const t = useWords();
  const entries = customer.timeline ?? [];
  return (
    <Panel title={t("profile.timeline.title")}>
      <ol className={css.timeline} tabIndex={0} aria-label={t("profile.timeline.title")}>
        {entries.map((entry, at) => <Entry key={`${entry.at}:${entry.kind}:${at}`} entry={entry} />)}
      </ol>
    </Panel>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const f = useFormat();
  const sentence = useSentence();
  const kind = sentence(`profile.timeline.${entry.kind}`);
  const detail = useDetail(entry);
  return (
    <li className={css.entry}>
      <span className={css.bead} data-kind={entry.kind} aria-hidden />
      <span className={css.entryTitle}>{kind ?? entry.title}</span>
      <span className={css.entryMoney}>{entry.money ? f.money(entry.money) : ""}</span>
      <span className={css.entryMore}><time dateTime={entry.day}>{f.day(entry.day)}</time>{detail ? ` · ${detail}` : ""}</span>
    </li>
  );
}

// The title names the order; a late delivery also says by how much.
function useDetail(entry: TimelineEntry): string {
  const t = useWords();
  const late = entry.kind === "late_delivery" && entry.days > 0 ? t("profile.timeline.lateBy", { count: entry.days }) : "";
  return [late, entry.title].filter(Boolean).join(" · ");
}
