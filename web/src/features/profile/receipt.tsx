import type { Erasure } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Table } from "../../ui/table";
import css from "./people.module.css";

/** What was erased, where, and what backups still hold: the paper to show when somebody asks. */
export function Receipt({ erasure }: { erasure: Erasure }) {
  const t = useWords();
  const f = useFormat();
  const stores = erasure.stores ?? [];
  return (
    <div className={css.receipt}>
      <dl className={css.facts}>
        <div><dt>{t("receipt.number")}</dt><dd><code>{erasure.id}</code></dd></div>
        <div><dt>{t("merge.when")}</dt><dd>{f.moment(erasure.at)}</dd></div>
        <div><dt>{t("merge.by")}</dt><dd>{erasure.who || "–"}</dd></div>
        <div><dt>{t("merge.why")}</dt><dd>{erasure.why || "–"}</dd></div>
        {erasure.log_trimmed_to ? <div><dt>{t("receipt.log")}</dt><dd>{t("receipt.logTo", { place: String(erasure.log_trimmed_to) })}</dd></div> : null}
      </dl>
      <Table label={t("receipt.stores")} dense rows={stores} rowKey={(s) => s.store + s.table}
        columns={[
          { key: "store", head: t("receipt.store"), lead: true, cell: (s) => s.store },
          { key: "table", head: t("receipt.table"), cell: (s) => <code>{s.table}</code> },
          { key: "rows", head: t("receipt.rows"), align: "right", cell: (s) => f.int(s.rows) },
        ]} />
      {(erasure.backups ?? []).length > 0 ? <div><h3 className={css.small}>{t("receipt.backups")}</h3><ul className={css.bullets}>{(erasure.backups ?? []).map((note) => <li key={note}>{note}</li>)}</ul></div> : null}
    </div>
  );
}
