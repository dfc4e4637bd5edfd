import type { ReactNode } from "react";

import { useWords } from "../i18n/use";
import { Scroller } from "./scroller";
import css from "./table.module.css";
import { Term } from "./term";

export interface Column<Row> {
  key: string;
  head: string;
  meaning?: string;
  align?: "left" | "right";
  cell: (row: Row) => ReactNode;
  /** The server's name for this order; without one the column does not sort. */
  sort?: string;
  /** The row's own name: a header cell for readers, and what stays in view when scrolling sideways. */
  lead?: boolean;
  /** Left out on a phone. */
  wide?: boolean;
}

export interface Sorting {
  sort: string;
  order: "asc" | "desc";
  onSort: (sort: string, order: "asc" | "desc") => void;
}

interface TableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sorting?: Sorting;
  busy?: boolean;
  dense?: boolean;
  /** Keeps the header in view inside a box of this height. */
  maxHeight?: number;
  onRow?: (row: Row) => void;
}

/** Rows and columns that read well: figures to the right, one header, one row name. */
export function Table<Row>({ label, columns, rows, rowKey, sorting, busy, dense, maxHeight, onRow }: TableProps<Row>) {
  return (
    <Scroller label={label} busy={busy || undefined} maxHeight={maxHeight}>
      <table className={css.table} data-dense={dense || undefined} data-clickable={onRow ? true : undefined}>
        <thead>
          <tr>{columns.map((column) => <Head key={column.key} column={column} sorting={sorting} />)}</tr>
        </thead>
        <tbody data-busy={busy || undefined}>
          {rows.map((row) => (
            <tr key={rowKey(row)} onClick={onRow ? (event) => clickRow(event, () => onRow(row)) : undefined}>
              {columns.map((column) => {
                const attributes = { "data-align": column.align, "data-wide": column.wide || undefined, "data-lead": column.lead || undefined };
                return column.lead
                  ? <th key={column.key} scope="row" {...attributes}>{column.cell(row)}</th>
                  : <td key={column.key} {...attributes}>{column.cell(row)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

// The whole row is a shortcut for the mouse; the link in its first cell is the way for everyone.
function clickRow(event: React.MouseEvent, go: () => void): void {
  if ((event.target as HTMLElement).closest("a,button,input") || getSelection()?.toString()) return;
  go();
}

function Head<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting | undefined }) {
  const t = useWords();
  const attributes = { scope: "col", "data-align": column.align, "data-wide": column.wide || undefined, "data-lead": column.lead || undefined } as const;
  if (!column.sort || !sorting) {
    return <th {...attributes}>{column.meaning ? <Term meaning={column.meaning}>{column.head}</Term> : column.head}</th>;
  }
  const active = sorting.sort === column.sort;
  const next = active && sorting.order === "desc" ? "asc" : "desc";
  const name = column.sort;
  return (
    <th {...attributes} aria-sort={active ? (sorting.order === "asc" ? "ascending" : "descending") : "none"}>
      <button type="button" className={css.sort} data-active={active || undefined} title={column.meaning ?? t("table.sortBy", { column: column.head })}
        onClick={() => sorting.onSort(name, next)}>
        {column.head}<span aria-hidden className={css.arrow}>{active ? (sorting.order === "asc" ? "↑" : "↓") : "↕"}</span>
      </button>
    </th>
  );
}

interface PagerProps {
  page: number;
  size: number;
  total: number;
  text: string;
  onPage: (page: number) => void;
}

/** Steps through a long list; the address keeps the page. */
export function Pager({ page, size, total, text, onPage }: PagerProps) {
  const t = useWords();
  const last = Math.max(1, Math.ceil(total / size));
  return (
    <nav className={css.pager} aria-label={t("table.pages")}>
      <span aria-live="polite">{text}</span>
      <span className={css.pagerButtons}>
        <button type="button" disabled={page <= 1} onClick={() => onPage(1)} aria-label={t("table.first")}>«</button>
        <button type="button" disabled={page <= 1} onClick={() => onPage(page - 1)}>{t("table.previous")}</button>
        <button type="button" disabled={page >= last} onClick={() => onPage(page + 1)}>{t("table.next")}</button>
        <button type="button" disabled={page >= last} onClick={() => onPage(last)} aria-label={t("table.last")}>»</button>
      </span>
    </nav>
  );
}
