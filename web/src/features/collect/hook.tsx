import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { Webhook } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Button, Field } from "../../ui/controls";
import { Check } from "../../ui/inputs";
import { Copyable } from "../../ui/json";
import { Dialog } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { Answer, ErrorNote, LoadingPage, Note } from "../../ui/state";
import { HookMapping, HookSample } from "./hookmapping";
import { hookQuery, removeHook, saveHook } from "./sourcequeries";
import css from "./sources.module.css";

/** A webhook: its address, whether it is on, and how what it sends becomes events. */
export function HookPanels({ id }: { id: string }) {
  const query = useQuery({ ...hookQuery(id), staleTime: 0 });
  return <Answer query={query} loading={<LoadingPage />}>{(hook) => <Panels key={hook.id} hook={hook} />}</Answer>;
}

function Panels({ hook }: { hook: Webhook }) {
  const t = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const [name, setName] = useState(hook.name);
  const [secret, setSecret] = useState("");
  const [enabled, setEnabled] = useState(hook.enabled);
  const [ending, setEnding] = useState(false);
  const save = useMutation({
    mutationFn: () => saveHook(hook.id, { name: name.trim(), kind: hook.kind, enabled, ...(hook.mapping ? { mapping: hook.mapping } : {}), ...(secret.trim() ? { secret: secret.trim() } : {}) }),
    onSuccess: () => {
      setSecret("");
      void queries.invalidateQueries({ queryKey: ["live"] });
    },
  });
  return (
    <>
      <Panel title={t("hook.title")} actions={<Button variant="danger" size="xs" icon="trash" onClick={() => setEnding(true)}>{t("hook.remove")}</Button>}>
        <div className={css.steps}>
          <div className={css.step}><h3>{t("wizard.address")}</h3><Copyable inline label={t("wizard.address")} text={`${location.origin}${hook.url || `/v1/hooks/${hook.id}`}`} /></div>
          {hook.last_at ? <Note tone={hook.last_state === "refused" || hook.last_state === "set_aside" ? "bad" : "plain"}>{t("hook.last", { at: f.instant(hook.last_at), state: t(`hook.state.${hook.last_state ?? "told"}`) })}{hook.last_note ? ` ${hook.last_note}` : ""}</Note> : null}
          <div className={css.naming}>
            <Field label={t("wizard.nameLabel")} value={name} onChange={setName} />
            <Field label={t("hook.newSecret")} type="password" value={secret} onChange={setSecret} placeholder={t("hook.secretStays")} />
          </div>
          <Check label={t("hook.enabled")} checked={enabled} onChange={setEnabled} note={t("hook.enabledNote")} />
          <div><Button variant="primary" disabled={name.trim() === ""} busy={save.isPending} onClick={() => save.mutate()}>{t("builder.save")}</Button></div>
          {save.error ? <ErrorNote error={save.error} /> : save.isSuccess ? <Note tone="good">{t("settings.saved")}</Note> : null}
        </div>
      </Panel>
      {hook.kind === "generic" ? <HookMapping hook={hook} /> : <HookSample hook={hook} />}
      {ending ? <Ending hook={hook} onClose={() => setEnding(false)} /> : null}
    </>
  );
}

function Ending({ hook, onClose }: { hook: Webhook; onClose: () => void }) {
  const t = useWords();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => removeHook(hook.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["live", "sources"] });
      void navigate({ to: "/sources" });
    },
  });
  return (
    <Dialog title={t("hook.removeTitle", { name: hook.name })} onClose={onClose} actions={<><Button onClick={onClose}>{t("builder.cancel")}</Button><Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate()}>{t("hook.remove")}</Button></>}>
      {remove.error ? <ErrorNote error={remove.error} /> : null}
      <Note tone="warn">{t("hook.removeMeaning")}</Note>
    </Dialog>
  );
}
