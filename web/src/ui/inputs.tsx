// Fields for what is more than a word: paragraphs, yes or no, several of some, values in a row.
import { Checkbox, Textarea } from "@mantine/core";
import { useState, type KeyboardEvent, type ReactNode } from "react";

import { useWords } from "../i18n/use";
import css from "./controls.module.css";
import { Icon } from "./icons";
import own from "./inputs.module.css";

interface AreaProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hideLabel?: boolean;
  rows?: number;
  maxRows?: number;
  placeholder?: string;
  error?: string | undefined;
  code?: boolean;
  readOnly?: boolean;
}

export function Area({ label, value, onChange, hideLabel, rows = 3, maxRows, placeholder, error, code, readOnly }: AreaProps) {
  return (
    <Textarea size="sm" value={value} rows={rows} {...(maxRows ? { autosize: true, minRows: rows, maxRows } : {})} placeholder={placeholder} error={error ?? false} readOnly={readOnly}
      spellCheck={!code} onChange={(event) => onChange(event.currentTarget.value)}
      classNames={{ input: code ? `${css.input} ${own.code}` : css.input, label: css.label, error: css.error }} {...(hideLabel ? { "aria-label": label } : { label })} />
  );
}

export function Check({ label, checked, onChange, note, disabled }: { label: ReactNode; checked: boolean; onChange: (checked: boolean) => void; note?: string; disabled?: boolean }) {
  return <Checkbox size="xs" checked={checked} disabled={disabled} label={label} description={note} onChange={(event) => onChange(event.currentTarget.checked)} classNames={{ label: own.checkLabel, description: own.checkNote }} />;
}

interface AnyOfProps {
  label: string;
  options: readonly { value: string; label: ReactNode }[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}

/** Some of a few, all in sight. */
export function AnyOf({ label, options, value, onChange }: AnyOfProps) {
  return (
    <div className={own.anyOf} role="group" aria-label={label}>
      {options.map((o) => {
        const on = value.includes(o.value);
        return (
          <button key={o.value} type="button" className={own.chip} aria-pressed={on} onClick={() => onChange(on ? value.filter((v) => v !== o.value) : [...value, o.value])}>
            {o.label}
          </button>
        );
      })}
    </div>
  );
}

interface ValuesProps {
  label: string;
  values: readonly string[];
  onChange: (values: string[]) => void;
  placeholder?: string;
  suggestions?: readonly string[];
}

/** Several values, each added by Enter or a comma; Backspace takes the last one back. */
export function Values({ label, values, onChange, placeholder, suggestions }: ValuesProps) {
  const t = useWords();
  const [text, setText] = useState("");
  const add = (raw: string) => {
    const more = raw.split(",").map((v) => v.trim()).filter((v) => v && !values.includes(v));
    if (more.length > 0) onChange([...values, ...more]);
    setText("");
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if ((event.key === "Enter" || event.key === ",") && text.trim()) {
      event.preventDefault();
      add(text);
    } else if (event.key === "Backspace" && text === "" && values.length > 0) onChange(values.slice(0, -1));
  };
  const list = `${label.replaceAll(/\W/g, "")}-values`;
  return (
    <div className={own.values} role="group" aria-label={label}>
      {values.map((value) => (
        <button key={value} type="button" className={own.value} onClick={() => onChange(values.filter((v) => v !== value))} aria-label={t("inputs.remove", { what: value })}>
          {value}<Icon name="close" size={12} />
        </button>
      ))}
      <input className={own.bare} value={text} list={list} aria-label={label} placeholder={values.length === 0 ? (placeholder ?? t("inputs.values")) : ""} onChange={(event) => setText(event.currentTarget.value)} onKeyDown={onKey} onBlur={() => add(text)} />
      <datalist id={list}>{suggestions?.map((s) => <option key={s} value={s} />)}</datalist>
    </div>
  );
}
