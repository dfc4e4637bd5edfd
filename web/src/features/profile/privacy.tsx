import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import type { Erasure } from "../../api/live";
import type { Customer } from "../../api/types";
import { useWords } from "../../i18n/use";
import { Button, Field, LinkButton } from "../../ui/controls";
import { Dialog } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { ErrorNote, Note } from "../../ui/state";
import css from "./people.module.css";
import { erase, exportAddress } from "./peoplequeries";
import { Receipt } from "./receipt";

/** Her data for her, and the end of them. */
export function Privacy({ customer, id }: { customer: Customer; id: string }) {
  const t = useWords();
  const [erasing, setErasing] = useState(false);
  return (
    <Panel title={t("privacy.title")} note={t("privacy.note")}>
      <div className={css.actions}>
        <LinkButton href={exportAddress(id)} icon="download" download>{t("privacy.export")}</LinkButton>
        <Button variant="danger" icon="trash" onClick={() => setErasing(true)}>{t("privacy.erase")}</Button>
      </div>
      {erasing ? <EraseDialog id={id} shown={customer.id || id} onClose={() => setErasing(false)} /> : null}
    </Panel>
  );
}

function EraseDialog({ id, shown, onClose }: { id: string; shown: string; onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const [why, setWhy] = useState("");
  const [receipt, setReceipt] = useState<Erasure | null>(null);
  const act = useMutation({
    mutationFn: () => erase(id, why.trim()),
    onSuccess: (made) => {
      setReceipt(made);
      for (const key of ["customers", "erasures", "segments", "timeline"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  if (receipt) {
    return (
      <Dialog wide title={t("privacy.erased")} onClose={onClose} actions={<Link to="/customers">{t("privacy.toCustomers")}</Link>}>
        <Note tone="good">{t("privacy.erasedMeaning")}</Note>
        <Receipt erasure={receipt} />
      </Dialog>
    );
  }
  return (
    <Dialog title={t("privacy.eraseTitle", { who: shown })} onClose={onClose}
      actions={<><Button onClick={onClose}>{t("builder.cancel")}</Button><Button variant="danger" disabled={typed.trim() !== shown || why.trim() === ""} busy={act.isPending} onClick={() => act.mutate()}>{t("privacy.eraseDo")}</Button></>}>
      {act.error ? <ErrorNote error={act.error} /> : null}
      <Note tone="bad">{t("privacy.eraseMeaning")}</Note>
      <Field label={t("merge.whyLabel")} value={why} onChange={setWhy} placeholder={t("privacy.whyHint")} />
      <Field label={t("privacy.type", { who: shown })} value={typed} onChange={setTyped} />
    </Dialog>
  );
}
