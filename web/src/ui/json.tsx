import { useState, type ReactNode } from "react";

import { useWords } from "../i18n/use";
import { Icon } from "./icons";
import css from "./json.module.css";

interface TreeProps {
  value: unknown;
  label: string;
  /** How deep it stands open at first. */
  open?: number;
}

/** Any JSON as people read it: names at the left, values at the right, what is inside folded below. */
export function JsonTree({ value, label, open = 2 }: TreeProps) {
  const t = useWords();
  const entries = entriesOf(value);
  if (!entries) return <p className={css.leaf}><Leaf value={value} /></p>;
  if (entries.length === 0) return <p className={css.none}>{t("json.empty")}</p>;
  return <ul className={css.tree} aria-label={label}>{entries.map(([key, inner]) => <Branch key={key} name={key} value={inner} open={open - 1} />)}</ul>;
}

function entriesOf(value: unknown): [string, unknown][] | null {
  if (Array.isArray(value)) return value.map((inner, at) => [String(at + 1), inner]);
  if (typeof value === "object" && value !== null) return Object.entries(value);
  return null;
}

function Branch({ name, value, open }: { name: string; value: unknown; open: number }) {
  const t = useWords();
  const [opened, setOpened] = useState(open > 0);
  const entries = entriesOf(value);
  if (!entries || entries.length === 0) {
    return <li className={css.row}><span className={css.key}>{name}</span><span className={css.value}>{entries ? <i className={css.none}>{t("json.empty")}</i> : <Leaf value={value} />}</span></li>;
  }
  return (
    <li>
      <button type="button" className={css.fold} aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <span className={css.turn} data-open={opened || undefined}><Icon name="right" size={12} /></span><span className={css.key}>{name}</span>
        <small className={css.size}>{Array.isArray(value) ? t("json.items", { count: entries.length }) : t("json.fields", { count: entries.length })}</small>
      </button>
      {opened ? <ul className={css.inner}>{entries.map(([key, inner]) => <Branch key={key} name={key} value={inner} open={open - 1} />)}</ul> : null}
    </li>
  );
}

function Leaf({ value }: { value: unknown }): ReactNode {
  if (value === null || value === undefined) return <i className={css.none}>null</i>;
  if (typeof value === "string") return <span className={css.text}>{value === "" ? "“”" : value}</span>;
  return <code className={css.exact}>{String(value)}</code>;
}

/** Text to be read only: an example. */
export function Code({ text, label }: { text: string; label: string }) {
  return <div className={css.copyable} data-example><pre className={css.pre} tabIndex={0} role="group" aria-label={label}><code>{text}</code></pre></div>;
}

/** Text to be copied: a snippet, a key, an address. */
export function Copyable({ text, label, inline }: { text: string; label: string; inline?: boolean }) {
  const t = useWords();
  const [done, setDone] = useState(false);
  const copy = async () => {
    await copyText(text);
    setDone(true);
    setTimeout(() => setDone(false), 2000);
  };
  return (
    <div className={css.copyable} data-inline={inline || undefined}>
      <pre className={css.pre} tabIndex={0} role="group" aria-label={label}><code>{text}</code></pre>
      <button type="button" className={css.copy} onClick={() => void copy()} aria-label={`${t("json.copy")}: ${label}`}><Icon name={done ? "check" : "copy"} size={15} /><span>{done ? t("json.copied") : t("json.copy")}</span></button>
      <span className="visually-hidden" role="status">{done ? t("json.copied") : ""}</span>
    </div>
  );
}

// Without HTTPS the browser has no clipboard for us: the old way still works there.
async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
