import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { IdentityRules } from "../../api/live";
import { useSentence, useWords } from "../../i18n/use";
import { Button, Field, IconButton } from "../../ui/controls";
import { Values } from "../../ui/inputs";
import { Panel } from "../../ui/page";
import { Answer, ErrorNote, LoadingPage, Note } from "../../ui/state";
import css from "./people.module.css";
import { identityRulesQuery, putIdentityRules } from "./peoplequeries";

/** Which identities make people one, how strongly, and which values never do. */
export function IdentityRulesScreen() {
  const query = useQuery({ ...identityRulesQuery, staleTime: 0 });
  return <Answer query={query} loading={<LoadingPage />}>{(rules) => <Rules key={JSON.stringify(rules)} rules={rules} />}</Answer>;
}

function Rules({ rules }: { rules: IdentityRules }) {
  const t = useWords();
  const sentence = useSentence();
  const queries = useQueryClient();
  const [kinds, setKinds] = useState(() => (rules.kinds ?? []).toSorted((a, b) => a.priority - b.priority));
  const [blocked, setBlocked] = useState(rules.blocked ?? []);
  const save = useMutation({
    mutationFn: () => putIdentityRules({ ...rules, kinds: kinds.map((kind, at) => ({ ...kind, priority: at + 1 })), blocked }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["identity-rules"] }),
  });
  const swap = (at: number, way: -1 | 1) => {
    const next = [...kinds];
    const [a, b] = [next[at], next[at + way]];
    if (!a || !b) return;
    next[at] = b;
    next[at + way] = a;
    setKinds(next);
  };
  return (
    <>
      {save.error ? <ErrorNote error={save.error} /> : null}
      {save.isSuccess ? <Note tone="good">{t("settings.saved")}</Note> : null}
      <Panel title={t("identityRules.kinds")} note={t("identityRules.kindsNote")} actions={<Button variant="primary" busy={save.isPending} onClick={() => save.mutate()}>{t("builder.save")}</Button>}>
        <ol className={css.ranked}>
          {kinds.map((kind, at) => {
            const name = sentence(`identity.kind.${kind.kind}`) ?? kind.kind;
            return (
              <li key={kind.kind}>
                <span className={css.rank} aria-hidden>{at + 1}</span>
                <b>{name}</b>
                <span className={css.limit}><Field size="xs" inputMode="numeric" width={84} label={t("identityRules.limit")} value={String(kind.limit)} onChange={(text) => setKinds(kinds.map((one, i) => (i === at ? { ...one, limit: Number(text.replaceAll(/\D/g, "").slice(0, 5)) } : one)))} /></span>
                <span className={css.moves}>
                  <IconButton icon="up" size="sm" label={`${t("identityRules.up")}: ${name}`} disabled={at === 0} onClick={() => swap(at, -1)} />
                  <IconButton icon="down" size="sm" label={`${t("identityRules.down")}: ${name}`} disabled={at === kinds.length - 1} onClick={() => swap(at, 1)} />
                </span>
              </li>
            );
          })}
        </ol>
      </Panel>
      <Panel title={t("identityRules.blocked")} note={t("identityRules.blockedNote")}><Values label={t("identityRules.blocked")} values={blocked} onChange={setBlocked} /></Panel>
    </>
  );
}
