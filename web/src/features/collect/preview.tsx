import { useQuery } from "@tanstack/react-query";

import { Fault } from "../../api/client";
import type { ImportOptions, Preview, Upload } from "../../api/types";
import { Emphasised, useFormat, useWords } from "../../i18n/use";
import { Button } from "../../ui/controls";
import { Panel } from "../../ui/page";
import { ErrorNote, LoadingPage, Note } from "../../ui/state";
import { Table } from "../../ui/table";
import { Columns } from "./columns";
import css from "./import.module.css";
import { cleaned } from "./mapping";
import { OptionsForm } from "./options";
import { useImportNote } from "./notes";
import { ProblemNote, useReason } from "./problems";
import { previewQuery } from "./queries";
import { Balance } from "./balance";

interface PreviewProps {
  upload: Upload;
  options: ImportOptions;
  onOptions: (options: ImportOptions) => void;
  onStart: () => void;
  onCancel: () => void;
  starting: boolean;
}

/** What the file was understood to say, before anything is changed; everything can be put right here. */
export function PreviewStep({ upload, options, onOptions, onStart, onCancel, starting }: PreviewProps) {
  const t = useWords();
  const query = useQuery(previewQuery(upload.upload, cleaned(options)));
  const preview = query.data;
  const fault = query.error instanceof Fault ? query.error : null;
  const stopped = Boolean(query.error) || (preview?.problems ?? []).some((p) => p.fatal);
  return (
    <>
      {fault ? <ProblemNote problem={{ reason: fault.reason, sentence: fault.message, next: fault.next, column: fault.where?.column, value: fault.where?.value, fatal: true }} /> : query.error ? <ErrorNote error={query.error} /> : null}
      {preview ? <Understood preview={preview} /> : query.error ? null : <LoadingPage />}
      <Panel title={t("import.options.title")} note={t("import.options.note")}>
        <OptionsForm options={options} preview={preview} onOptions={onOptions} />
      </Panel>
      {preview ? (
        <>
          <Columns preview={preview} options={options} onOptions={onOptions} />
          <Totals preview={preview} />
          <Sample preview={preview} busy={query.isFetching} />
        </>
      ) : null}
      <div className={css.bar2}>
        <Button onClick={onCancel}>{t("import.cancel")}</Button>
        <Button variant="primary" size="md" disabled={stopped || !preview || query.isFetching} busy={starting} onClick={onStart}>{t("import.start")}</Button>
      </div>
    </>
  );
}

function Understood({ preview }: { preview: Preview }) {
  const t = useWords();
  const f = useFormat();
  const said = useImportNote();
  const shape = preview.shape === "lines" ? t("import.shape.lines") : t("import.shape.orders");
  return (
    <>
      <Panel title={preview.name} note={<Emphasised text={t("import.understood", { format: preview.format.toUpperCase(), size: f.bytes(preview.bytes), columns: f.int((preview.columns ?? []).length), shape })} />}>
        <div className={css.problems}>
          {(preview.problems ?? []).map((problem) => <ProblemNote key={problem.reason + (problem.column ?? "") + String(problem.line ?? "")} problem={problem} />)}
          <Doubts preview={preview} />
          {(preview.notes ?? []).length > 0 ? <Note><ul className={css.notes}>{(preview.notes ?? []).map((note) => <li key={note.sentence}>{said(note)}</li>)}</ul></Note> : null}
        </div>
      </Panel>
    </>
  );
}

// A file can be read and still not be what was meant: lines left out, or next to nobody in it.
function Doubts({ preview }: { preview: Preview }) {
  const t = useWords();
  const f = useFormat();
  const { totals } = preview;
  const aside = Object.values(totals.set_aside ?? {}).reduce((sum, n) => sum + n, 0);
  const few = totals.lines_read > 2 && totals.customers <= 2;
  if (aside === 0 && !few) return (preview.problems ?? []).length === 0 ? <Note tone="good">{t("import.noProblems")}</Note> : null;
  return (
    <>
      {aside > 0 ? <Note tone={aside * 2 > totals.lines_read ? "bad" : "warn"}><p><Emphasised text={t("import.asideWarning", { count: aside, n: f.int(aside), read: f.int(totals.lines_read) })} /></p></Note> : null}
      {few ? <Note tone="bad"><p><Emphasised text={t("import.fewCustomers", { count: totals.customers, n: f.int(totals.customers), read: f.int(totals.lines_read) })} /></p></Note> : null}
    </>
  );
}

function Totals({ preview }: { preview: Preview }) {
  const t = useWords();
  const f = useFormat();
  const { totals } = preview;
  if (totals.lines_read === 0) return null;
  return (
    <Panel title={t("import.totals.title")} note={totals.complete ? t("import.totals.whole") : t("import.totals.part", { n: f.int(totals.lines_read) })}>
      <div className={css.totals}>
        <p className={css.facts}>
          <Emphasised text={t("import.totals.sentence", { count: totals.customers, orders: f.int(totals.orders), customers: f.int(totals.customers), revenue: f.moneyShort(totals.revenue), first: f.day(totals.first_day), last: f.day(totals.last_day) })} />
        </p>
        <Balance read={totals.lines_read} accepted={totals.lines_accepted} refunds={totals.refund_lines} beside={totals.refunds_beside} present={0} aside={totals.set_aside ?? {}} />
      </div>
    </Panel>
  );
}

function Sample({ preview, busy }: { preview: Preview; busy: boolean }) {
  const t = useWords();
  const f = useFormat();
  const reason = useReason();
  const rows = preview.sample ?? [];
  const taken: Record<string, string> = { purchase: t("import.sample.purchase"), refund: t("import.sample.refund"), purchase_and_refund: t("import.sample.both") };
  if (rows.length === 0) return null;
  return (
    <Panel flush title={t("import.sample.title")} note={t("import.sample.note")}>
      <Table label={t("import.sample.title")} dense busy={busy} rows={rows} rowKey={(row) => `${row.line}:${row.order}:${row.product}`}
        columns={[
          { key: "line", head: t("import.sample.line"), lead: true, cell: (row) => f.int(row.line) },
          { key: "customer", head: t("import.role.customer"), cell: (row) => row.customer || "–" },
          { key: "order", head: t("import.role.order"), cell: (row) => row.order || "–" },
          { key: "at", head: t("import.role.at"), cell: (row) => f.day(row.at) },
          { key: "product", head: t("import.role.product"), wide: true, cell: (row) => row.product_name || row.product || "–" },
          { key: "quantity", head: t("import.role.quantity"), align: "right", wide: true, cell: (row) => row.quantity || "–" },
          { key: "amount", head: t("import.role.amount"), align: "right", cell: (row) => f.money(row.amount) },
          { key: "market", head: t("import.role.market"), wide: true, cell: (row) => f.market(row.market) },
          { key: "outcome", head: t("import.sample.outcome"), cell: (row) => <span className={css.outcome} data-bad={row.outcome in taken ? undefined : true}>{taken[row.outcome] ?? reason(row.outcome)}</span> },
        ]} />
    </Panel>
  );
}
