import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { statusQuery } from "../../api/status";
import { useWords } from "../../i18n/use";
import { Switch } from "../../ui/controls";
import { Code, Copyable } from "../../ui/json";
import { isHook, snippetsOf, type Client } from "./snippets";
import css from "./sources.module.css";

/** What to paste where, with the address of this very server. */
export function SnippetSteps({ client, value }: { client: Client; value: string }) {
  const t = useWords();
  const host = location.origin;
  const lines = t(`wizard.client.${client}.steps`).split("\n");
  return (
    <div className={css.steps}>
      {isHook(client) ? (
        <div className={css.step}><h3>{t("wizard.address")}</h3><Copyable inline label={t("wizard.address")} text={`${host}/v1/hooks/${value}`} /></div>
      ) : (
        <div className={css.step}><h3>{t("wizard.key")}</h3><Copyable inline label={t("wizard.key")} text={value} /></div>
      )}
      <ol className={css.lines}>{lines.map((line) => <li key={line}>{line}</li>)}</ol>
      <Texts client={client} value={value} />
    </div>
  );
}

// What is pasted can be copied; what a call looks like stands below it, where no button copies made-up people into every page.
function Texts({ client, value }: { client: Client; value: string }) {
  const t = useWords();
  const { data: status } = useQuery(statusQuery);
  const all = snippetsOf(client, location.origin, value, status?.currency ?? "");
  return (
    <>
      {all.filter((step) => !step.example).map((step) => <div key={step.text} className={css.step}><h3>{step.title}</h3><Copyable label={step.title} text={step.text} /></div>)}
      {all.filter((step) => step.example).map((step) => <div key={step.text} className={css.step}><h3>{t("wizard.example")}</h3><p className={css.exampleNote}>{t("wizard.exampleNote")}</p><Code label={t("wizard.example")} text={step.text} /></div>)}
    </>
  );
}

const keyClients = ["snippet", "analyticsjs", "node", "python", "http"] as const;

/** The same for a key whose secret nobody but its owner still knows. */
export function AnySnippet({ sampleKey }: { sampleKey: string }) {
  const t = useWords();
  const [client, setClient] = useState<(typeof keyClients)[number]>("snippet");
  return (
    <div className={css.steps}>
      <Switch label={t("wizard.choose")} value={client} onChange={setClient} size="sm" options={keyClients.map((value) => ({ value, label: t(`wizard.client.${value}.name`) }))} />
      <Texts client={client} value={sampleKey} />
    </div>
  );
}
