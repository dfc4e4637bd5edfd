import type { ReactNode } from "react";

import { useWords } from "../../i18n/use";
import { Choice } from "../../ui/controls";
import { Picker } from "../../ui/picker";
import css from "./builder.module.css";
import { mayHaveProperty, needsProperty, takes, type Figure } from "./language";
import type { Names } from "./names";
import { EventPick, Filters, PropertyPick, WindowField, type Complaints } from "./parts";

interface FigureProps {
  figure: Figure;
  names: Names;
  onChange: (figure: Figure) => void;
  complaints: Complaints;
  /** Where it stands in the condition. */
  field: string;
  children?: ReactNode;
  /** Inside a ratio there is no further ratio. */
  inner?: boolean;
}

/** What is counted, added up or looked up, of which events, in which time. */
export function FigureEditor({ figure, names, onChange, complaints, field, children, inner }: FigureProps) {
  const t = useWords();
  const at = field ? `${field}.` : "";
  const set = (next: Partial<Figure>) => {
    const merged: Figure = { ...figure, ...next };
    for (const key of ["property", "where", "window", "to"] as const) if (merged[key] === undefined || merged[key] === "") delete merged[key];
    onChange(merged);
  };
  const take = (next: string) => {
    const changed: Partial<Figure> = { take: next };
    if (!mayHaveProperty(next)) changed.property = undefined as never;
    if (next === "ratio") changed.to = figure.to ?? { take: "count", of: "*", ...(figure.window ? { window: figure.window } : {}) };
    else changed.to = undefined as never;
    if (next === "trend" && !figure.window?.last) changed.window = { last: "30d" };
    set(changed);
  };
  const options = (inner ? takes.filter((one) => one !== "ratio" && one !== "trend") : takes).map((value) => ({ value, label: t(`builder.take.${value}`) }));
  return (
    <>
      <Choice size="xs" label={t("builder.takeLabel")} value={figure.take} onChange={take} options={options} error={complaints.at(`${at}take`)} />
      <EventPick any label={t("builder.of")} value={figure.of} names={names} error={complaints.at(`${at}of`)} onChange={(of) => set({ of })} />
      {mayHaveProperty(figure.take) ? <PropertyPick event={figure.of} value={figure.property ?? ""} names={names} optional={!needsProperty(figure.take)} error={complaints.at(`${at}property`)} onChange={(property) => set({ property })} /> : null}
      <WindowField window={figure.window} names={names} complaints={complaints} field={`${at}window`} onlyLast={figure.take === "trend"} onChange={(window) => set({ window: window as never })} />
      {children}
      <Filters event={figure.of} where={figure.where ?? []} names={names} complaints={complaints} field={`${at}where`} onChange={(where) => set({ where: where as never })} />
      {figure.take === "ratio" ? <Divisor figure={figure} names={names} complaints={complaints} field={`${at}to`} onChange={(to) => set({ to })} /> : null}
    </>
  );
}

function Divisor({ figure, names, onChange, complaints, field }: { figure: Figure; names: Names; onChange: (to: Figure | string) => void; complaints: Complaints; field: string }) {
  const t = useWords();
  const { to } = figure;
  const byName = typeof to === "string";
  return (
    <div className={css.divisor}>
      <Choice size="xs" label={t("builder.dividedBy")} value={byName ? "name" : "figure"} onChange={(next) => onChange(next === "name" ? "" : { take: "count", of: "*" })}
        options={[{ value: "figure", label: t("builder.kind.figure.name") }, { value: "name", label: t("builder.kind.trait.name") }]} />
      {byName ? <Picker label={t("builder.kind.trait.name")} value={to} options={names.traits} onChange={onChange} error={complaints.at(field)} width={220} />
        : to ? <FigureEditor inner figure={to} names={names} complaints={complaints} field={field} onChange={onChange} /> : null}
    </div>
  );
}
