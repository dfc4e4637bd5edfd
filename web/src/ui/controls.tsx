// Buttons, switches and fields: the only doors to Mantine's controls.
import { ActionIcon, Button as MantineButton, NativeSelect, SegmentedControl, TextInput, Tooltip } from "@mantine/core";
import type { ComponentProps, ReactNode } from "react";

import css from "./controls.module.css";
import { Icon, type IconName } from "./icons";

interface ButtonProps {
  children: ReactNode;
  variant?: "primary" | "quiet" | "plain" | "danger";
  size?: "xs" | "sm" | "md";
  icon?: IconName;
  disabled?: boolean;
  busy?: boolean;
  type?: "button" | "submit";
  onClick?: () => void;
}

const looks = { primary: "filled", quiet: "default", plain: "subtle", danger: "default" } as const;

export function Button({ children, variant = "quiet", size = "sm", icon, disabled, busy, type = "button", onClick }: ButtonProps) {
  return (
    <MantineButton variant={looks[variant]} size={size} type={type} disabled={disabled} loading={busy} onClick={onClick} {...(variant === "danger" ? { className: css.danger } : {})}
      leftSection={icon ? <Icon name={icon} size={16} /> : undefined}>
      {children}
    </MantineButton>
  );
}

/** A link that looks like a button: for downloads, and for addresses outside the router. */
export function LinkButton({ href, children, icon, download }: { href: string; children: ReactNode; icon?: IconName; download?: boolean }) {
  return (
    <MantineButton component="a" variant="default" size="sm" href={href} {...(download ? { download: "" } : {})}
      leftSection={icon ? <Icon name={icon} size={16} /> : undefined}>
      {children}
    </MantineButton>
  );
}

interface IconButtonProps {
  icon: IconName;
  label: string;
  onClick?: () => void;
  pressed?: boolean;
  disabled?: boolean;
  expanded?: boolean;
  size?: "sm" | "md" | "lg";
}

/** A button that is a picture; its label is its name and shows on hover and focus. */
export function IconButton({ icon, label, onClick, pressed, disabled, expanded, size = "md" }: IconButtonProps) {
  return (
    <Tooltip label={label} openDelay={350} events={{ hover: true, focus: true, touch: false }}>
      <ActionIcon variant="subtle" color="gray" size={size} aria-label={label} aria-pressed={pressed} aria-expanded={expanded} disabled={disabled} onClick={onClick} className={css.iconButton}>
        <Icon name={icon} size={size === "sm" ? 16 : 18} />
      </ActionIcon>
    </Tooltip>
  );
}

export interface Option<V extends string = string> {
  value: V;
  label: string;
}

interface SwitchProps<V extends string> {
  label: string;
  value: V;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
  size?: "xs" | "sm";
}

/** One of a few, all in sight. */
export function Switch<V extends string>({ label, value, options, onChange, size = "xs" }: SwitchProps<V>) {
  return (
    <div className={css.switch}>
      <SegmentedControl aria-label={label} size={size} value={value} data={options.map((o) => ({ value: o.value, label: o.label }))}
        onChange={(next) => onChange(next as V)} classNames={{ root: css.segmented, indicator: css.indicator, label: css.segment }} withItemsBorders={false} transitionDuration={120} />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
  hideLabel?: boolean;
  size?: "xs" | "sm";
  width?: number;
  disabled?: boolean;
  error?: string | undefined;
}

/** One of many. The browser's own list: it works with every keyboard, reader and phone. */
export function Choice({ label, value, options, onChange, hideLabel, size = "sm", width, disabled, error }: ChoiceProps) {
  return (
    <NativeSelect size={size} value={value} disabled={disabled} error={error ?? false} style={width ? { width } : undefined} data={options.map((o) => ({ value: o.value, label: o.label }))} onChange={(event) => onChange(event.currentTarget.value)}
      rightSection={<Icon name="down" size={13} />} classNames={{ input: `${css.input} ${css.select}`, label: css.label, error: css.error }} {...(hideLabel ? { "aria-label": label } : { label })} />
  );
}

type FieldProps = { label: string; value: string; onChange: (value: string) => void; hideLabel?: boolean; icon?: IconName; size?: "xs" | "sm"; error?: string | undefined; note?: string; width?: number } & Pick<
  ComponentProps<"input">, "placeholder" | "type" | "inputMode" | "min" | "max" | "step" | "autoFocus" | "onKeyDown" | "list" | "disabled" | "readOnly"
>;

export function Field({ label, value, onChange, hideLabel, icon, size = "sm", error, note, width, ...rest }: FieldProps) {
  return (
    <TextInput size={size} value={value} onChange={(event) => onChange(event.currentTarget.value)} leftSection={icon ? <Icon name={icon} size={16} /> : undefined} error={error ?? false} description={note}
      style={width ? { width } : undefined} classNames={{ input: css.input, label: css.label, error: css.error, description: css.note }} {...(hideLabel ? { "aria-label": label } : { label })} {...(rest.autoFocus ? { "data-autofocus": true } : {})} {...rest} />
  );
}
