import { useId, useState, type ReactNode } from "react";

import { Emphasised, plain, useWords } from "../i18n/use";
import { csvOf, download, type CsvValue } from "../lib/csv";
import { IconButton } from "../ui/controls";
import { Table } from "../ui/table";
import css from "./frame.module.css";

/** The numbers behind a picture: what its table shows and its CSV holds. */
export interface Figures {
  head: string[];
  /** As people read them. */
  rows: string[][];
  /** As machines read them; without it the CSV holds what people read. */
  raw?: CsvValue[][];
}

interface FrameProps {
  title: string;
  /** One sentence that says what the picture shows; it is the picture's description too. */
  sentence: string;
  figures: Figures;
  /** The file's name without its ending. */
  file: string;
  actions?: ReactNode;
  children: ReactNode;
  flush?: boolean;
}

/** Around every picture: a title, a sentence, a table of the same figures and their CSV. */
export function ChartFrame({ title, sentence, figures, file, actions, children, flush }: FrameProps) {
  const t = useWords();
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  return (
    <section className={css.frame} data-flush={flush || undefined} aria-labelledby={`${id}-title`} aria-describedby={`${id}-sentence`}>
      <div className={css.head}>
        <h2 className={css.title} id={`${id}-title`}>{title}</h2>
        <div className={css.tools}>
          {actions}
          <IconButton icon={asTable ? "chart" : "table"} size="sm" pressed={asTable} label={asTable ? t("chart.showPicture") : t("chart.showTable")} onClick={() => setAsTable(!asTable)} />
          <IconButton icon="download" size="sm" label={t("chart.csv")} onClick={() => download(`${file}.csv`, csvOf(figures.head, figures.raw ?? figures.rows))} />
        </div>
        <p className={css.sentence} id={`${id}-sentence`}><Emphasised text={sentence} /></p>
      </div>
      {asTable ? (
        <div className={css.table}><FiguresTable label={title} figures={figures} /></div>
      ) : (
        <div className={css.picture} data-description={plain(sentence)}>{children}</div>
      )}
    </section>
  );
}

function FiguresTable({ label, figures }: { label: string; figures: Figures }) {
  const rows = figures.rows.map((cells, at) => ({ at, cells }));
  return (
    <Table label={label} dense maxHeight={420} rows={rows} rowKey={(row) => String(row.at)}
      columns={figures.head.map((head, at) => ({
        key: String(at), head, lead: at === 0, align: at === 0 ? ("left" as const) : ("right" as const), cell: (row: { cells: string[] }) => row.cells[at] ?? "",
      }))} />
  );
}
