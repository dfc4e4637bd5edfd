import type { ImportOptions, Preview, PreviewColumn } from "../../api/types";
import { useSentence, useWords } from "../../i18n/use";
import { Choice } from "../../ui/controls";
import { Panel } from "../../ui/page";
import css from "./import.module.css";
import { roles, withRole } from "./mapping";

interface ColumnsProps {
  preview: Preview;
  options: ImportOptions;
  onOptions: (options: ImportOptions) => void;
}

/** The file's columns with samples, and what each was taken to mean; any of it can be changed. */
export function Columns({ preview, options, onOptions }: ColumnsProps) {
  const t = useWords();
  return (
    <Panel title={t("import.columns.title")} note={t("import.columns.note")}>
      <div className={css.columns} tabIndex={0} role="group" aria-label={t("import.columns.title")}>
        {(preview.columns ?? []).map((column) => (
          <OneColumn key={column.index} column={column} onRole={(role) => onOptions(withRole(options, preview, column.index, role))} />
        ))}
      </div>
    </Panel>
  );
}

function OneColumn({ column, onRole }: { column: PreviewColumn; onRole: (role: string) => void }) {
  const t = useWords();
  const sentence = useSentence();
  const name = column.header || t("import.columns.number", { n: column.index });
  const by = column.role ? sentence(`import.by.${column.by}`) : t("import.by.unused");
  return (
    <div className={css.column} data-used={column.role ? true : undefined}>
      <div className={css.columnHead}><span title={name}>{name}</span></div>
      <Choice hideLabel size="xs" label={t("import.columns.meaningOf", { column: name })} value={column.role} onChange={onRole}
        options={[{ value: "", label: t("import.role.none") }, ...roles.map((role) => ({ value: role, label: t(`import.role.${role}`) }))]} />
      <p className={css.columnBy} title={column.note}>{by}</p>
      <ul className={css.samples}>{(column.samples ?? []).map((sample, at) => <li key={`${at}:${sample}`} title={sample}>{sample || "·"}</li>)}</ul>
    </div>
  );
}
