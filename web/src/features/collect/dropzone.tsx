import { useId, useState, type DragEvent } from "react";

import type { Upload } from "../../api/types";
import { upload } from "../../api/upload";
import { useFormat, useWords } from "../../i18n/use";
import { Icon } from "../../ui/icons";
import { Bar } from "../../ui/progress";
import { ErrorNote } from "../../ui/state";
import css from "./import.module.css";

const endings = ".csv,.tsv,.txt,.jsonl,.ndjson,.json,.parquet,.xlsx,.gz,.zst";

/** Where a file is dropped or chosen; it shows how much of it has gone. */
export function DropZone({ onUploaded }: { onUploaded: (upload: Upload) => void }) {
  const t = useWords();
  const f = useFormat();
  const id = useId();
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<{ name: string; sent: number; total: number } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);

  const take = async (file: File | undefined) => {
    if (!file) return;
    setFailure(null);
    setSending({ name: file.name, sent: 0, total: file.size });
    try {
      onUploaded(await upload(file, (sent, total) => setSending({ name: file.name, sent, total })));
    } catch (error) {
      setFailure(error);
    } finally {
      setSending(null);
    }
  };
  const drag = (event: DragEvent, inside: boolean) => {
    event.preventDefault();
    setOver(inside);
  };
  return (
    <>
      {failure ? <ErrorNote error={failure} /> : null}
      <div className={css.zone} data-over={over || undefined} onDragOver={(event) => drag(event, true)} onDragLeave={(event) => drag(event, false)}
        onDrop={(event) => {
          drag(event, false);
          void take(event.dataTransfer.files[0]);
        }}>
        <span className={css.zoneIcon}><Icon name={sending ? "file" : "import"} size={28} /></span>
        {sending ? (
          <div className={css.sending} role="status">
            <p className={css.zoneTitle}>{sending.name}</p>
            <Bar share={sending.total > 0 ? sending.sent / sending.total : 0} />
            <p className={css.zoneHint}>{t("import.sending", { sent: f.bytes(sending.sent), total: f.bytes(sending.total) })}</p>
          </div>
        ) : (
          <>
            <p className={css.zoneTitle}>{t("import.drop")}</p>
            <label htmlFor={id} className={css.choose}>{t("import.choose")}</label>
            <input id={id} type="file" accept={endings} className={css.file} onChange={(event) => void take(event.currentTarget.files?.[0])} />
            <p className={css.zoneHint}>{t("import.formats")}</p>
          </>
        )}
      </div>
    </>
  );
}
