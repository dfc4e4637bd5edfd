import { useWords } from "../../i18n/use";
import { Choice, IconButton } from "../../ui/controls";
import type { EditorProps } from "./atoms";
import css from "./builder.module.css";
import type { Step } from "./language";
import { Duration, EventPick, Filters, WindowField } from "./parts";

const most = 6;

/** This, then that, and then not the other: in order, each within its time. */
export function SequenceEditor({ atom, names, onChange, complaints }: EditorProps) {
  const t = useWords();
  const steps = atom.sequence ?? [];
  const put = (sequence: Step[]) => onChange({ ...atom, sequence });
  const change = (at: number, next: Step) => put(steps.map((step, i) => (i === at ? next : step)));
  const swap = (at: number, way: -1 | 1) => {
    const next = [...steps];
    const [a, b] = [next[at], next[at + way]];
    if (!a || !b) return;
    next[at] = b;
    next[at + way] = a;
    // The first step always happened, and has no step before it to be within.
    put(next.map((step, i) => (i === 0 ? { did: step.did ?? step.did_not ?? "", ...(step.where ? { where: step.where } : {}) } : step)));
  };
  return (
    <div className={css.sequence}>
      <ol className={css.stepList} aria-label={t("builder.kind.sequence.name")}>
        {steps.map((step, at) => {
          const denied = step.did_not !== undefined;
          const event = step.did ?? step.did_not ?? "";
          const rebuilt = (over: Partial<{ denied: boolean; event: string; where: Step["where"]; within: string | undefined }>): Step => {
            const isDenied = over.denied ?? denied;
            const where = "where" in over ? over.where : step.where;
            const within = "within" in over ? over.within : step.within;
            return { ...(isDenied ? { did_not: over.event ?? event } : { did: over.event ?? event }), ...(where ? { where } : {}), ...(within ? { within } : {}) };
          };
          return (
            <li key={at} className={css.step}>
              <span className={css.stepNumber} aria-hidden>{at + 1}</span>
              <div className={css.fields}>
                {at > 0 ? (
                  <Choice size="xs" label={t("builder.then")} value={denied ? "did_not" : "did"} onChange={(next) => change(at, rebuilt({ denied: next === "did_not" }))}
                    options={[{ value: "did", label: t("builder.thenDid") }, { value: "did_not", label: t("builder.thenNot") }]} />
                ) : null}
                <EventPick label={t("builder.event")} value={event} names={names} error={complaints.at(`sequence[${at}].${denied ? "did_not" : "did"}`)} onChange={(next) => change(at, rebuilt({ event: next }))} />
                {at > 0 ? step.within
                  ? <><Duration label={t("builder.within")} value={step.within} error={complaints.at(`sequence[${at}].within`)} onChange={(within) => change(at, rebuilt({ within }))} /><button type="button" className={css.more} onClick={() => change(at, rebuilt({ within: undefined }))}>{t("builder.noWithin")}</button></>
                  : <button type="button" className={css.more} onClick={() => change(at, rebuilt({ within: "3d" }))}>+ {t("builder.within")}</button> : null}
                <Filters event={event} where={step.where ?? []} names={names} complaints={complaints} field={`sequence[${at}].where`} onChange={(where) => change(at, rebuilt({ where }))} />
              </div>
              <span className={css.stepTools}>
                <IconButton icon="up" size="sm" label={t("builder.stepUp")} disabled={at === 0} onClick={() => swap(at, -1)} />
                <IconButton icon="down" size="sm" label={t("builder.stepDown")} disabled={at === steps.length - 1} onClick={() => swap(at, 1)} />
                <IconButton icon="close" size="sm" label={t("builder.removeStep")} disabled={steps.length <= 2 || at === 0} onClick={() => put(steps.filter((_, i) => i !== at))} />
              </span>
            </li>
          );
        })}
      </ol>
      <div className={css.fields}>
        {steps.length < most ? <button type="button" className={css.more} onClick={() => put([...steps, { did: "" }])}>+ {t("builder.addStep")}</button> : null}
        <WindowField window={atom.window} names={names} complaints={complaints} onChange={(window) => {
          const { window: _old, ...rest } = atom;
          onChange(window ? { ...rest, window } : rest);
        }} />
      </div>
    </div>
  );
}
