// One editor for each kind of condition.
import { useSentence, useWords } from "../../i18n/use";
import { groups } from "../../lib/groups";
import { useFormat } from "../../i18n/use";
import { GroupBadge } from "../../ui/badge";
import { Choice, Field } from "../../ui/controls";
import { AnyOf } from "../../ui/inputs";
import { Picker } from "../../ui/picker";
import css from "./builder.module.css";
import { FigureEditor } from "./figure";
import { kindOf, numberOps, refit, type Atom, type Figure } from "./language";
import { kindOfName, type Names } from "./names";
import { Comparison, EventPick, Filters, WindowField, type Complaints } from "./parts";
import { SequenceEditor } from "./sequence";

export interface EditorProps {
  atom: Atom;
  names: Names;
  onChange: (atom: Atom) => void;
  complaints: Complaints;
}

export function AtomEditor(props: EditorProps) {
  const t = useWords();
  switch (kindOf(props.atom)) {
    case "did": return <Did {...props} />;
    case "did_not": return <DidNot {...props} />;
    case "sequence": return <SequenceEditor {...props} />;
    case "figure": return <FigureRow {...props} />;
    case "trait": return <NamedTrait {...props} />;
    case "attribute": return <Attribute {...props} />;
    case "score": return <Score {...props} />;
    case "segment": return <Picker label={t("builder.kind.segment.name")} value={props.atom.segment ?? ""} options={props.names.segments} onChange={(segment) => props.onChange({ segment })} error={props.complaints.at("segment")} width={260} />;
    case "market": return <Markets {...props} />;
    case "rfm": return <Labelled text={t("builder.kind.rfm.name")}><AnyOf label={t("builder.kind.rfm.name")} value={props.atom.rfm ?? []} options={groups.map((value) => ({ value, label: <GroupBadge group={value} /> }))} onChange={(rfm) => props.onChange({ rfm })} /></Labelled>;
    case "lifecycle": return <Stages {...props} />;
    case "consent": return <ConsentRow {...props} />;
    case "share": return <ShareRow {...props} />;
    default: return <code className={css.unknown}>{JSON.stringify(props.atom)}</code>;
  }
}

export function Labelled({ text, children }: { text: string; children: React.ReactNode }) {
  return <div className={css.labelled}><span>{text}</span>{children}</div>;
}

function optional<K extends keyof Atom>(atom: Atom, key: K, value: Atom[K] | undefined): Atom {
  const { [key]: _old, ...rest } = atom;
  return value === undefined ? rest : { ...rest, [key]: value };
}

function Did({ atom, names, onChange, complaints }: EditorProps) {
  const t = useWords();
  const [op = ">=", count = 1] = Object.entries(atom.times ?? { ">=": 1 })[0] ?? [];
  const event = atom.did ?? "";
  return (
    <>
      <EventPick any label={t("builder.event")} value={event} names={names} error={complaints.at("did")} onChange={(did) => onChange({ ...atom, did })} />
      <div className={css.pair}>
        <Choice size="xs" label={t("builder.times")} value={op} onChange={(next) => onChange({ ...atom, times: { [next]: count } })} options={[">=", "=", "<=", ">", "<"].map((value) => ({ value, label: t(`op.${value}` as "op.=") }))} />
        <Field hideLabel size="xs" inputMode="numeric" width={60} label={t("builder.timesCount")} value={String(count)} error={complaints.at("times")} onChange={(next) => onChange({ ...atom, times: { [op]: Number(next.replaceAll(/\D/g, "").slice(0, 6)) } })} />
      </div>
      <WindowField window={atom.window} names={names} complaints={complaints} onChange={(window) => onChange(optional(atom, "window", window))} />
      <Filters event={event} where={atom.where ?? []} names={names} complaints={complaints} onChange={(where) => onChange(optional(atom, "where", where))} />
    </>
  );
}

function DidNot({ atom, names, onChange, complaints }: EditorProps) {
  const t = useWords();
  const event = atom.did_not ?? "";
  return (
    <>
      <EventPick any label={t("builder.event")} value={event} names={names} error={complaints.at("did_not")} onChange={(next) => onChange({ ...atom, did_not: next })} />
      <WindowField window={atom.window} names={names} complaints={complaints} onChange={(window) => onChange(optional(atom, "window", window))} />
      <Filters event={event} where={atom.where ?? []} names={names} complaints={complaints} onChange={(where) => onChange(optional(atom, "where", where))} />
    </>
  );
}

function FigureRow({ atom, names, onChange, complaints }: EditorProps) {
  const figure = atom.trait as Figure;
  const property = names.properties(figure.of).find((p) => p.name === figure.property);
  const asProperty = ["first", "last", "most_frequent"].includes(figure.take);
  return (
    <FigureEditor figure={figure} names={names} complaints={complaints} field="trait" onChange={(trait) => onChange({ ...atom, trait })}>
      <Comparison name={asProperty ? property : { name: "", kind: "number" }} op={atom.op ?? ">="} value={atom.value} complaints={complaints} onChange={(op, value) => onChange({ ...atom, op, value })} />
    </FigureEditor>
  );
}

function NamedTrait({ atom, names, onChange, complaints }: EditorProps) {
  const t = useWords();
  const name = typeof atom.trait === "string" ? atom.trait : "";
  const pick = (next: string) => {
    const kind = kindOfName(names.trait(next));
    const op = kind === "number" || kind === "" ? (numberOps as readonly string[]).includes(atom.op ?? "") ? (atom.op ?? ">=") : ">=" : "=";
    onChange({ ...atom, trait: next, op, value: refit(atom.value, op, kind) });
  };
  return (
    <>
      <Picker label={t("builder.kind.trait.name")} value={name} options={names.traits} onChange={pick} error={complaints.at("trait")} width={230} />
      <Comparison name={names.trait(name)} op={atom.op ?? ">="} value={atom.value} complaints={complaints} onChange={(op, value) => onChange({ ...atom, op, value })} />
    </>
  );
}

function Attribute({ atom, names, onChange, complaints }: EditorProps) {
  const t = useWords();
  const name = atom.attribute ?? "";
  return (
    <>
      <Picker free label={t("builder.kind.attribute.name")} value={name} options={names.attributes} onChange={(attribute) => onChange({ ...atom, attribute })} error={complaints.at("attribute")} width={200} />
      <Comparison name={names.attribute(name)} op={atom.op ?? "="} value={atom.value} complaints={complaints} onChange={(op, value) => onChange({ ...atom, op, value })} />
    </>
  );
}

function Score({ atom, names, onChange, complaints }: EditorProps) {
  const t = useWords();
  const name = atom.score ?? "";
  return (
    <>
      <Picker label={t("builder.kind.score.name")} value={name} options={names.scores} onChange={(score) => onChange({ ...atom, score })} error={complaints.at("score")} width={230} />
      <Comparison name={names.score(name)} op={atom.op ?? ">="} value={atom.value} complaints={complaints} onChange={(op, value) => onChange({ ...atom, op, value })} />
    </>
  );
}

function Markets({ atom, names, onChange }: EditorProps) {
  const t = useWords();
  const f = useFormat();
  const chosen = atom.market ?? [];
  const all = [...new Set([...names.markets, ...chosen])];
  return <Labelled text={t("builder.kind.market.name")}><AnyOf label={t("builder.kind.market.name")} value={chosen} options={all.map((value) => ({ value, label: f.market(value) }))} onChange={(market) => onChange({ market })} /></Labelled>;
}

const stages = ["new", "active", "slipping", "at_risk", "one_time", "lost"] as const;

function Stages({ atom, onChange }: EditorProps) {
  const t = useWords();
  return <Labelled text={t("builder.kind.lifecycle.name")}><AnyOf label={t("builder.kind.lifecycle.name")} value={atom.lifecycle ?? []} options={stages.map((value) => ({ value, label: t(`lifecycle.${value}`) }))} onChange={(lifecycle) => onChange({ lifecycle })} /></Labelled>;
}

const channels = ["email", "sms", "push", "line", "kakao", "phone"] as const;

function ConsentRow({ atom, onChange, complaints }: EditorProps) {
  const t = useWords();
  const sentence = useSentence();
  const consent = atom.consent ?? { purpose: "marketing", channel: "email" };
  const purposes = ["marketing", "analytics", "personalisation", "service"].map((value) => ({ value, label: sentence(`consent.purpose.${value}`) ?? value }));
  return (
    <>
      <Picker free label={t("consent.purposeLabel")} value={consent.purpose} options={purposes} error={complaints.at("consent.purpose")} onChange={(purpose) => onChange({ ...atom, consent: { ...consent, purpose } })} width={170} />
      <Choice size="xs" label={t("consent.channelLabel")} value={consent.channel} onChange={(channel) => onChange({ ...atom, consent: { ...consent, channel } })} options={channels.map((value) => ({ value, label: t(`consent.channel.${value}`) }))} />
      <Choice size="xs" label={t("consent.stateLabel")} value={atom.is ?? "given"} onChange={(is) => onChange({ ...atom, is })} options={(["given", "withdrawn", "unknown"] as const).map((value) => ({ value, label: t(`consent.state.${value}`) }))} />
    </>
  );
}

function ShareRow({ atom, onChange, complaints }: EditorProps) {
  const t = useWords();
  const share = atom.share ?? { percent: 10, salt: "" };
  return (
    <>
      <Field size="xs" inputMode="decimal" width={90} label={t("builder.percent")} value={String(share.percent)} error={complaints.at("share.percent")} onChange={(next) => onChange({ share: { ...share, percent: Number(next.replaceAll(/[^\d.]/g, "")) || 0 } })} />
      <Field size="xs" width={160} label={t("builder.salt")} value={share.salt} error={complaints.at("share.salt")} onChange={(salt) => onChange({ share: { ...share, salt } })} />
    </>
  );
}
