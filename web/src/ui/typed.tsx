import { useEffect, useState } from "react";

import { Field } from "./controls";

interface TypedProps {
  label: string;
  value: string;
  onCommit: (value: string) => void;
  placeholder?: string;
  icon?: boolean;
  numeric?: boolean;
  size?: "xs" | "sm";
}

/** What is typed counts a moment after the last key, so that a word is one question. */
export function Typed({ label, value, onCommit, placeholder, icon, numeric, size }: TypedProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return undefined;
    const wait = setTimeout(() => onCommit(numeric ? text.replace(/[^\d.]/g, "") : text.trim()), 280);
    return () => clearTimeout(wait);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only typing starts the wait
  }, [text]);
  return <Field label={label} value={text} onChange={setText} {...(size ? { size } : {})} {...(icon ? { icon: "search" as const } : {})} {...(placeholder ? { placeholder } : {})} {...(numeric ? { inputMode: "decimal" as const } : {})} />;
}
