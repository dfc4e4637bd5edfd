import { Popover } from "@mantine/core";
import { useRef, useState, type KeyboardEvent } from "react";

import { Icon, type IconName } from "./icons";
import css from "./menu.module.css";

export interface MenuItem {
  key: string;
  label: string;
  note?: string | undefined;
  icon?: IconName | undefined;
  group?: string | undefined;
  disabled?: boolean | undefined;
  danger?: boolean | undefined;
  onPick: () => void;
}

interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  icon?: IconName;
  /** Only the picture shows; the label is its name. */
  iconOnly?: boolean;
  look?: "quiet" | "dashed";
  width?: number;
}

/** A button that offers several things to do. Up and down move between them. */
export function Menu({ label, items, icon, iconOnly, look = "quiet", width = 300 }: MenuProps) {
  const [opened, setOpened] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll<HTMLButtonElement>("button:not(:disabled)") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const next = event.key === "ArrowDown" ? at + 1 : event.key === "ArrowUp" ? at - 1 : event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : null;
    if (next === null) return;
    event.preventDefault();
    buttons[(next + buttons.length) % buttons.length]?.focus();
  };
  const groups = [...new Set(items.map((item) => item.group ?? ""))];
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" radius="md" trapFocus returnFocus withinPortal width={width}>
      <Popover.Target>
        <button type="button" className={iconOnly ? css.iconOnly : css.button} data-look={look} aria-haspopup="menu" aria-expanded={opened} aria-label={iconOnly ? label : undefined} title={iconOnly ? label : undefined} onClick={() => setOpened(!opened)}>
          {icon ? <Icon name={icon} size={16} /> : null}{iconOnly ? null : label}
        </button>
      </Popover.Target>
      <Popover.Dropdown className={css.drop}>
        <div ref={list} role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKey}>
          {groups.map((group) => (
            <div key={group} role="group" aria-label={group || label}>
              {group ? <p className={css.group} aria-hidden>{group}</p> : null}
              {items.filter((item) => (item.group ?? "") === group).map((item) => (
                <button key={item.key} type="button" role="menuitem" className={css.item} disabled={item.disabled} data-danger={item.danger || undefined} onClick={() => {
                  setOpened(false);
                  item.onPick();
                }}>
                  {item.icon ? <Icon name={item.icon} size={16} /> : null}<span><b>{item.label}</b>{item.note ? <small>{item.note}</small> : null}</span>
                </button>
              ))}
            </div>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
