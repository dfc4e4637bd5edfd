import { Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

import css from "./term.module.css";

/** A word with its definition, on hover, on focus and on touch. */
export function Term({ children, meaning }: { children: ReactNode; meaning: string }) {
  return (
    <Tooltip label={meaning} multiline w={270} position="top-start" events={{ hover: true, focus: true, touch: true }} openDelay={120} classNames={{ tooltip: css.tip }}>
      <button type="button" className={css.term}>{children}</button>
    </Tooltip>
  );
}

/** A short hint over anything that can be focused. */
export function Hint({ children, text }: { children: ReactNode; text: ReactNode }) {
  return (
    <Tooltip label={text} multiline maw={280} events={{ hover: true, focus: true, touch: false }} openDelay={80} classNames={{ tooltip: css.tip }}>
      {children}
    </Tooltip>
  );
}
