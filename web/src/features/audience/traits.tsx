import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Fault } from "../../api/client";
import type { OwnTrait, TraitDraft } from "../../api/live";
import { useFormat, useWords } from "../../i18n/use";
import { Button, Choice, Field } from "../../ui/controls";
import { Dialog } from "../../ui/overlay";
import { Panel } from "../../ui/page";
import { Answer, Empty, ErrorNote, LoadingPage } from "../../ui/state";
import { Table } from "../../ui/table";
import css from "./builder.module.css";
import { FigureEditor } from "./figure";
import type { Figure } from "./language";
import { useNames } from "./names";
import { sentenceIn } from "./preview";
import { createTrait, removeTrait, traitsQuery, updateTrait } from "./rulequeries";

const ownOf = (items: OwnTrait[] | null) => (items ?? []).filter((trait) => trait.own);

const fresh: TraitDraft = { name: "", labels: {}, trait: { take: "count", of: "", window: { last: "90d" } } };

/** Figures of events that have a name: once defined, every rule may use them. */
export function TraitsScreen() {
  const t = useWords();
  const query = useQuery(traitsQuery);
  const [editing, setEditing] = useState<{ trait: TraitDraft; isNew: boolean } | null>(null);
  const begin = () => setEditing({ trait: fresh, isNew: true });
  return (
    <>
      <Answer query={query} loading={<LoadingPage />}>
        {(data) => ownOf(data.items).length === 0
          ? <Empty icon="value" title={t("traits.noneTitle")} sentence={t("traits.none")} action={<Button variant="primary" icon="plus" onClick={begin}>{t("traits.new")}</Button>} />
          : <List items={ownOf(data.items)} onNew={begin} onEdit={(trait) => setEditing({ trait, isNew: false })} />}
      </Answer>
      {editing ? <TraitDialog key={editing.trait.name} given={editing.trait} isNew={editing.isNew} onClose={() => setEditing(null)} /> : null}
    </>
  );
}

function List({ items, onNew, onEdit }: { items: OwnTrait[]; onNew: () => void; onEdit: (trait: OwnTrait) => void }) {
  const t = useWords();
  const f = useFormat();
  const queries = useQueryClient();
  const remove = useMutation({ mutationFn: (trait: OwnTrait) => removeTrait(trait.name), onSuccess: () => {
    void queries.invalidateQueries({ queryKey: ["traits"] });
    void queries.invalidateQueries({ queryKey: ["rules"] });
  } });
  return (
    <>
      {remove.error ? <ErrorNote error={remove.error} /> : null}
      <Panel flush title={t("traits.title")} note={t("traits.note")} actions={<Button variant="primary" icon="plus" onClick={onNew}>{t("traits.new")}</Button>}>
        <Table<OwnTrait> label={t("traits.title")} rows={items} rowKey={(trait) => trait.name}
          columns={[
            { key: "name", head: t("traits.label"), lead: true, cell: (trait) => trait.labels?.[f.language] || trait.label || trait.name },
            { key: "id", head: t("traits.name"), wide: true, cell: (trait) => <code>{trait.name}</code> },
            { key: "says", head: t("traits.says"), wide: true, cell: (trait) => <span style={{ whiteSpace: "normal" }}>{sentenceIn(f.language, trait)}</span> },
            { key: "edit", head: t("segments.edit"), cell: (trait) => <span className={css.benchTools}>{trait.trait ? <Button size="xs" onClick={() => onEdit(trait)}>{t("segments.edit")}</Button> : null}<Button size="xs" variant="danger" busy={remove.isPending} onClick={() => remove.mutate(trait)}>{t("traits.remove")}</Button></span> },
          ]} />
      </Panel>
    </>
  );
}

const units = ["", "count", "money", "days", "share"] as const;

function TraitDialog({ given, isNew, onClose }: { given: TraitDraft; isNew: boolean; onClose: () => void }) {
  const t = useWords();
  const names = useNames();
  const queries = useQueryClient();
  const [trait, setTrait] = useState(given);
  const figure = trait.trait as Figure;
  const save = useMutation({
    mutationFn: () => {
      const labels = Object.fromEntries(Object.entries(trait.labels ?? {}).filter(([, text]) => text.trim() !== ""));
      const body = { name: trait.name.trim(), labels, trait: trait.trait, ...(trait.unit ? { unit: trait.unit } : {}) };
      return isNew ? createTrait(body) : updateTrait(given.name, body);
    },
    onSuccess: () => {
      for (const key of ["traits", "rules"]) void queries.invalidateQueries({ queryKey: [key] });
      onClose();
    },
  });
  const fault = save.error instanceof Fault ? save.error : null;
  const field = (fault?.where?.field ?? "").replace(/^(?:body\.)?(?:trait\.)?/, "");
  const at = (wanted: string) => (field !== "" && field === wanted ? fault?.message : undefined);
  const label = (language: "en" | "ko" | "th", text: string) => setTrait({ ...trait, labels: { ...trait.labels, [language]: text } });
  return (
    <Dialog wide title={isNew ? t("traits.new") : t("traits.edit", { name: given.name })} onClose={onClose} actions={<><Button onClick={onClose}>{t("builder.cancel")}</Button><Button variant="primary" disabled={trait.name.trim() === "" || figure.of === ""} busy={save.isPending} onClick={() => save.mutate()}>{t("builder.save")}</Button></>}>
      {save.error ? <ErrorNote error={save.error} /> : null}
      <div className={css.fields}>
        <Field size="xs" label={t("traits.name")} note={t("traits.nameNote")} value={trait.name} onChange={(name) => setTrait({ ...trait, name: name.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_") })} disabled={!isNew} />
        <Choice size="xs" label={t("traits.unit")} value={trait.unit ?? ""} onChange={(unit) => setTrait({ ...trait, unit })} options={units.map((value) => ({ value, label: t(`traits.units.${value || "none"}`) }))} />
      </div>
      <div className={css.fields}>
        <Field size="xs" label="English" value={trait.labels?.["en"] ?? ""} onChange={(text) => label("en", text)} />
        <Field size="xs" label="한국어" value={trait.labels?.["ko"] ?? ""} onChange={(text) => label("ko", text)} />
        <Field size="xs" label="ไทย" value={trait.labels?.["th"] ?? ""} onChange={(text) => label("th", text)} />
      </div>
      <div className={css.fields}><FigureEditor figure={figure} names={names} complaints={{ at }} field="" onChange={(next) => setTrait({ ...trait, trait: next })} /></div>
    </Dialog>
  );
}
