import { createContext, useContext, useEffect, useMemo, useRef, useState, type DragEvent, type KeyboardEvent } from "react";

import { useWords } from "../../i18n/use";
import { IconButton, Switch } from "../../ui/controls";
import { Icon, type IconName } from "../../ui/icons";
import { Menu } from "../../ui/menu";
import { AtomEditor } from "./atoms";
import css from "./builder.module.css";
import type { Complaint } from "./faults";
import { finished, kindOf, type Kind } from "./language";
import type { Names } from "./names";
import { find, type Branch, type Group, type Row } from "./tree";
import type { Builder } from "./usebuilder";

interface Bench {
  builder: Builder;
  names: Names;
  complaints: Map<string, Complaint[]>;
  dragged: string | null;
  setDragged: (id: string | null) => void;
  /** The branch whose handle the keyboard holds, also after it has moved elsewhere. */
  keep: (id: string) => void;
}

const BenchContext = createContext<Bench | null>(null);

function useBench(): Bench {
  const bench = useContext(BenchContext);
  if (!bench) throw new Error("outside of a builder");
  return bench;
}

/** The whole rule: conditions, groups of conditions, and what joins them. */
export function RuleBuilder({ builder, names, complaints }: { builder: Builder; names: Names; complaints: Map<string, Complaint[]> }) {
  const t = useWords();
  const [dragged, setDragged] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const held = useRef<string | null>(null);
  useEffect(() => {
    if (!held.current) return;
    const id = held.current;
    held.current = null;
    document.querySelector<HTMLElement>(`[data-handle="${id}"]`)?.focus();
    const found = find(builder.root, id);
    // A reader who does not see it hears where the condition went.
    if (found?.parent) queueMicrotask(() => setSaid(t("builder.movedTo", { place: found.at + 1, of: found.parent?.children.length ?? 0 })));
  }, [builder.root, t]);
  const bench = useMemo<Bench>(() => ({
    builder, names, complaints, dragged, setDragged,
    keep: (id) => {
      held.current = id;
    },
  }), [builder, names, complaints, dragged]);
  return (
    <BenchContext.Provider value={bench}>
      <p className="visually-hidden" role="status">{said}</p>
      <GroupBox group={builder.root} root />
    </BenchContext.Provider>
  );
}

const kindGroups: { title: "did" | "known" | "analysis" | "other"; kinds: Kind[] }[] = [
  { title: "did", kinds: ["did", "did_not", "sequence", "figure"] },
  { title: "known", kinds: ["trait", "attribute", "market", "consent"] },
  { title: "analysis", kinds: ["score", "rfm", "lifecycle"] },
  { title: "other", kinds: ["segment", "share"] },
];

export const kindIcons: Record<Kind, IconName> = {
  did: "live", did_not: "minus", sequence: "right", figure: "chart", trait: "value", attribute: "customers", market: "external", consent: "shield", segment: "segments", score: "overview", rfm: "rfm", lifecycle: "cohorts", share: "table",
};

function AddMenu({ groupId }: { groupId: string }) {
  const t = useWords();
  const { builder } = useBench();
  return (
    <div className={css.adding}>
      <Menu label={t("builder.addCondition")} icon="plus" look="dashed" width={340}
        items={kindGroups.flatMap(({ title, kinds }) => kinds.map((kind) => ({
          key: kind, label: t(`builder.kind.${kind}.name`), note: t(`builder.kind.${kind}.note`), icon: kindIcons[kind], group: t(`builder.kinds.${title}`), onPick: () => builder.addRow(groupId, kind),
        })))} />
      <button type="button" className={css.more} onClick={() => builder.addGroup(groupId)}>+ {t("builder.addGroup")}</button>
    </div>
  );
}

function GroupBox({ group, root }: { group: Group; root?: boolean }) {
  const t = useWords();
  const { builder } = useBench();
  return (
    <div className={css.group} data-root={root || undefined} data-not={group.not || undefined} role="group" aria-label={t(group.not ? (group.join === "and" ? "builder.notAll" : "builder.notAny") : group.join === "and" ? "builder.all" : "builder.any")}>
      <div className={css.groupHead}>
        {root ? null : <Handle id={group.id} />}
        <Switch label={t("builder.negation")} value={group.not ? "not" : "is"} onChange={() => builder.turn(group.id)} options={[{ value: "is", label: t("builder.groupIs") }, { value: "not", label: t("builder.groupNot") }]} />
        <Switch label={t("builder.joining")} value={group.join} onChange={(join) => builder.join(group.id, join)} options={[{ value: "and", label: t("builder.allOf") }, { value: "or", label: t("builder.anyOf") }]} />
        {root ? null : (
          <span className={css.tools}>
            <Menu iconOnly icon="settings" label={t("builder.groupTools")} width={240} items={[
              { key: "double", label: t("builder.duplicate"), icon: "copy", onPick: () => builder.duplicate(group.id) },
              { key: "unwrap", label: t("builder.unwrap"), icon: "external", disabled: group.not, onPick: () => builder.unwrap(group.id) },
              { key: "remove", label: t("builder.removeGroup"), icon: "trash", danger: true, onPick: () => builder.remove(group.id) },
            ]} />
          </span>
        )}
      </div>
      {group.children.length > 0 ? (
        <ul className={css.children}>
          {group.children.map((child, at) => <Slot key={child.id} child={child} parent={group} at={at} />)}
        </ul>
      ) : <EmptyGroup group={group} />}
      <AddMenu groupId={group.id} />
    </div>
  );
}

function EmptyGroup({ group }: { group: Group }) {
  const t = useWords();
  const { builder, dragged, setDragged } = useBench();
  return (
    <div role="presentation" className={css.emptyGroup} onDragOver={(event) => dragged && event.preventDefault()} onDrop={() => {
      if (dragged) builder.move(dragged, group.id, 0);
      setDragged(null);
    }}>{t("builder.empty")}</div>
  );
}

/** A place in a group: what is dragged over its upper half goes before it, over its lower half behind it. */
function Slot({ child, parent, at }: { child: Branch; parent: Group; at: number }) {
  const t = useWords();
  const { builder, dragged, setDragged } = useBench();
  const [over, setOver] = useState<"before" | "after" | null>(null);
  const sideOf = (event: DragEvent<HTMLElement>): "before" | "after" => {
    const box = event.currentTarget.getBoundingClientRect();
    return event.clientY < box.top + box.height / 2 ? "before" : "after";
  };
  return (
    <li><div role="presentation" className={css.slot} data-over={dragged && over ? over : undefined}
      onDragOver={(event) => {
        if (!dragged || dragged === child.id) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(sideOf(event));
      }}
      onDragLeave={() => setOver(null)}
      onDrop={(event) => {
        if (!dragged) return;
        event.preventDefault();
        event.stopPropagation();
        builder.move(dragged, parent.id, sideOf(event) === "before" ? at : at + 1);
        setOver(null);
        setDragged(null);
      }}>
      {at > 0 ? <span className={css.joint} aria-hidden>{parent.join === "and" ? t("builder.and") : t("builder.or")}</span> : null}
      {child.kind === "group" ? <GroupBox group={child} /> : <RowBox row={child} />}
    </div></li>
  );
}

/** The handle: dragged with the mouse, moved with the arrow keys. */
function Handle({ id }: { id: string }) {
  const t = useWords();
  const { builder, setDragged, keep } = useBench();
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    keep(id);
    builder.step(id, event.key === "ArrowUp" ? -1 : 1);
  };
  return (
    <button type="button" className={css.handle} data-handle={id} draggable aria-label={t("builder.handle")} title={t("builder.handle")} onKeyDown={onKey}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", id);
        setDragged(id);
      }}
      onDragEnd={() => setDragged(null)}>
      <Icon name="grip" size={16} />
    </button>
  );
}

function RowBox({ row }: { row: Row }) {
  const t = useWords();
  const { builder, names, complaints } = useBench();
  const kind = kindOf(row.atom);
  const own = complaints.get(row.id) ?? [];
  const at = (field: string) => own.find((c) => c.field === field)?.sentence;
  const name = kind === "unknown" ? t("builder.unknownKind") : t(`builder.kind.${kind}.name`);
  return (
    <div className={css.row} role="group" aria-label={name} data-bad={own.length > 0 || undefined} data-unfinished={!finished(row.atom) || undefined}>
      <div className={css.rowHead}>
        <Handle id={row.id} />
        <span className={css.kind}>{kind === "unknown" ? null : <Icon name={kindIcons[kind]} size={15} />}{name}</span>
        <span className={css.tools}>
          <button type="button" className={css.not} aria-pressed={row.not} onClick={() => builder.turn(row.id)}>{t("builder.not")}</button>
          <Menu iconOnly icon="settings" label={t("builder.rowTools", { what: name })} width={240} items={[
            { key: "double", label: t("builder.duplicate"), icon: "copy", onPick: () => builder.duplicate(row.id) },
            { key: "wrap", label: t("builder.wrap"), icon: "segments", onPick: () => builder.wrap(row.id) },
          ]} />
          <IconButton icon="close" size="sm" label={t("builder.removeRow", { what: name })} onClick={() => builder.remove(row.id)} />
        </span>
      </div>
      <div className={css.fields}><AtomEditor atom={row.atom} names={names} complaints={{ at }} onChange={(atom) => builder.atom(row.id, atom)} /></div>
      {own.length > 0 ? <ul className={css.complaints} role="alert">{own.map((c) => <li key={c.field + c.sentence}><Icon name="warning" size={14} /><span>{c.sentence}{c.next ? <> {c.next}</> : null}</span></li>)}</ul> : null}
    </div>
  );
}
