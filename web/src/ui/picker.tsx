import { Combobox, TextInput, useCombobox } from "@mantine/core";
import { useMemo, useState } from "react";

import { useWords } from "../i18n/use";
import css from "./controls.module.css";
import { Icon } from "./icons";
import own from "./picker.module.css";

export interface PickOption {
  value: string;
  label: string;
  /** What helps to tell it from the others: a count, a sample. */
  note?: string | undefined;
  group?: string | undefined;
}

interface PickerProps {
  label: string;
  value: string;
  options: readonly PickOption[];
  onChange: (value: string) => void;
  hideLabel?: boolean;
  placeholder?: string;
  /** Takes also what is not in the list. */
  free?: boolean;
  error?: string | undefined;
  size?: "xs" | "sm";
  width?: number;
  disabled?: boolean;
}

const most = 60;

/** What fits the typed words, the ones that begin with them first. */
export function matching(options: readonly PickOption[], text: string): PickOption[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return options.slice(0, most);
  const fits = options.filter((o) => {
    const hay = `${o.label} ${o.value}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
  const first = words[0] ?? "";
  return fits.toSorted((a, b) => Number(b.label.toLowerCase().startsWith(first)) - Number(a.label.toLowerCase().startsWith(first))).slice(0, most);
}

/** One of very many: type a part of it. */
export function Picker({ label, value, options, onChange, hideLabel, placeholder, free, error, size = "xs", width, disabled }: PickerProps) {
  const t = useWords();
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const [typed, setTyped] = useState<string | null>(null);
  const chosen = options.find((o) => o.value === value);
  const shown = useMemo(() => matching(options, typed ?? ""), [options, typed]);
  const unknown = free && typed && !options.some((o) => o.value === typed || o.label === typed) ? typed.trim() : "";
  const take = (next: string) => {
    onChange(next);
    setTyped(null);
    box.closeDropdown();
  };
  // What was typed and left counts as chosen where anything may be; otherwise the old choice comes back.
  const leave = () => {
    if (typed !== null) {
      const exact = options.find((o) => o.label.toLowerCase() === typed.trim().toLowerCase() || o.value === typed.trim());
      if (exact) onChange(exact.value);
      else if (free && typed.trim()) onChange(typed.trim());
    }
    setTyped(null);
    box.closeDropdown();
  };
  return (
    <Combobox store={box} onOptionSubmit={take} withinPortal position="bottom-start" width={Math.max(width ?? 0, 280)} zIndex={300}>
      <Combobox.Target>
        <TextInput size={size} disabled={disabled} value={typed ?? chosen?.label ?? value} placeholder={placeholder ?? t("picker.placeholder")} error={error ?? false} spellCheck={false} autoComplete="off"
          style={width ? { width } : undefined} title={chosen?.label ?? value}
          classNames={{ input: `${css.input} ${own.input}`, label: css.label, error: css.error }} rightSection={<Icon name="down" size={13} />} rightSectionPointerEvents="none"
          {...(hideLabel ? { "aria-label": label } : { label })}
          onFocus={(event) => {
            box.openDropdown();
            event.currentTarget.select();
          }}
          onClick={() => box.openDropdown()}
          onBlur={leave}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            box.openDropdown();
            box.selectFirstOption();
          }} />
      </Combobox.Target>
      <Combobox.Dropdown className={own.drop}>
        <Combobox.Options className={own.options} aria-label={label}>
          {grouped(shown).map(([group, items]) => group
            ? <Combobox.Group key={group} label={group} classNames={{ groupLabel: own.group }}>{items.map((o) => <One key={o.value} option={o} on={o.value === value} />)}</Combobox.Group>
            : items.map((o) => <One key={o.value} option={o} on={o.value === value} />))}
          {unknown ? <Combobox.Option value={unknown} className={own.option}><span>{t("picker.use", { what: unknown })}</span></Combobox.Option> : null}
          {shown.length === 0 && !unknown ? <Combobox.Empty className={own.none}>{t("picker.none")}</Combobox.Empty> : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function One({ option, on }: { option: PickOption; on: boolean }) {
  return (
    <Combobox.Option value={option.value} active={on} className={own.option}>
      <span className={own.name}>{option.label}</span>{option.note ? <small className={own.note}>{option.note}</small> : null}
    </Combobox.Option>
  );
}

function grouped(options: PickOption[]): [string, PickOption[]][] {
  const groups = new Map<string, PickOption[]>();
  for (const option of options) groups.set(option.group ?? "", [...(groups.get(option.group ?? "") ?? []), option]);
  return [...groups];
}
