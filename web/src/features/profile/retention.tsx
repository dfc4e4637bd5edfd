import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { RetentionRule } from "../../api/live";
import { useWords } from "../../i18n/use";
import { Button, Field, IconButton } from "../../ui/controls";
import { Panel } from "../../ui/page";
import { Picker } from "../../ui/picker";
import { Answer, ErrorNote, LoadingPage, Note } from "../../ui/state";
import css from "./people.module.css";
import { eventNamesQuery, putRetention, retentionQuery } from "./peoplequeries";

/** How long each kind of event is kept. What is not named is kept for ever. */
export function RetentionScreen() {
  const query = useQuery({ ...retentionQuery, staleTime: 0 });
  return <Answer query={query} loading={<LoadingPage />}>{(data) => <Rules key={JSON.stringify(data)} rules={data.rules ?? []} />}</Answer>;
}

function Rules({ rules: saved }: { rules: RetentionRule[] }) {
  const t = useWords();
  const queries = useQueryClient();
  const names = useQuery(eventNamesQuery);
  const [rules, setRules] = useState(saved);
  const save = useMutation({ mutationFn: () => putRetention(rules.filter((r) => r.event !== "" && r.days > 0)), onSuccess: () => queries.invalidateQueries({ queryKey: ["retention"] }) });
  const options = Object.keys(names.data?.by_name ?? {}).toSorted().map((name) => ({ value: name, label: name }));
  const put = (at: number, next: Partial<RetentionRule>) => setRules(rules.map((rule, i) => (i === at ? { ...rule, ...next } : rule)));
  return (
    <>
      {save.error ? <ErrorNote error={save.error} /> : null}
      {save.isSuccess ? <Note tone="good">{t("settings.saved")}</Note> : null}
      <Panel title={t("retention.title")} note={t("retention.note")} actions={<Button variant="primary" busy={save.isPending} onClick={() => save.mutate()}>{t("builder.save")}</Button>}>
        <div className={css.stack}>
          {rules.length === 0 ? <p className={css.hint}>{t("retention.none")}</p> : null}
          {rules.map((rule, at) => (
            <div key={at} className={css.rule}>
              <Picker free label={t("live.column.event")} value={rule.event} options={options} onChange={(event) => put(at, { event })} width={240} />
              <Field size="xs" inputMode="numeric" width={110} label={t("retention.days")} value={rule.days ? String(rule.days) : ""} onChange={(text) => put(at, { days: Number(text.replaceAll(/\D/g, "").slice(0, 5)) })} />
              <IconButton icon="close" label={t("inputs.remove", { what: rule.event })} onClick={() => setRules(rules.filter((_, i) => i !== at))} />
            </div>
          ))}
          <div><Button size="xs" icon="plus" onClick={() => setRules([...rules, { event: "", days: 365 }])}>{t("retention.add")}</Button></div>
        </div>
      </Panel>
    </>
  );
}
