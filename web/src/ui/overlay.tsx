// What lies over the page: a panel at its side, a question in its middle, a note at a place.
import { Drawer, Modal, Popover } from "@mantine/core";
import { useState, type ReactNode } from "react";

import { useWords } from "../i18n/use";
import { IconButton } from "./controls";
import css from "./overlay.module.css";

interface PanelProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Beside the title: what sort of thing this is. */
  aside?: ReactNode;
  wide?: boolean;
}

/** The whole of one row, at the side, while the list stays in sight. */
export function SidePanel({ title, onClose, children, aside, wide }: PanelProps) {
  const t = useWords();
  return (
    <Drawer.Root opened onClose={onClose} position="right" size={wide ? 760 : 540} padding={0} zIndex={200}>
      <Drawer.Overlay backgroundOpacity={0.25} />
      <Drawer.Content aria-label={title}>
        <Drawer.Body className={css.body}>
          <div className={css.side} data-autofocus tabIndex={-1}>
            <div className={css.head}>
              <div className={css.words}><h2 className={css.title}>{title}</h2>{aside}</div>
              <IconButton icon="close" label={t("overlay.close")} onClick={onClose} />
            </div>
            <div className={css.content}>{children}</div>
          </div>
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  /** A field inside takes the focus by its own autoFocus. */
  typed?: boolean;
}

/** One question that must be answered before anything else. */
export function Dialog({ title, onClose, children, actions, wide, typed }: DialogProps) {
  const t = useWords();
  return (
    <Modal.Root opened onClose={onClose} padding={0} radius="md" size={wide ? 760 : 520} centered zIndex={250}>
      <Modal.Overlay backgroundOpacity={0.35} />
      <Modal.Content aria-label={title}>
        <Modal.Body className={css.body}>
          <div className={css.head}><h2 className={css.title}>{title}</h2><IconButton icon="close" label={t("overlay.close")} onClick={onClose} /></div>
          <div className={css.content} {...(typed ? {} : { "data-autofocus": true, tabIndex: -1 })}>{children}</div>
          {actions ? <div className={css.foot}>{actions}</div> : null}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

interface PopProps {
  /** The button that opens it. */
  label: ReactNode;
  title: string;
  children: (close: () => void) => ReactNode;
  width?: number;
  look?: "link" | "button";
}

/** More about one thing, beside it. */
export function Pop({ label, title, children, width = 340, look = "link" }: PopProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" radius="md" trapFocus width={width} withinPortal>
      <Popover.Target>
        <button type="button" className={look === "link" ? css.link : css.button} aria-expanded={opened} onClick={() => setOpened(!opened)}>{label}</button>
      </Popover.Target>
      <Popover.Dropdown className={css.pop} aria-label={title}>{opened ? children(() => setOpened(false)) : null}</Popover.Dropdown>
    </Popover>
  );
}
