import { useEffect, useRef, useState, type ReactNode } from "react";

import css from "./scroller.module.css";

interface ScrollerProps {
  label: string;
  busy?: boolean | undefined;
  maxHeight?: number | undefined;
  children: ReactNode;
}

/** A box for what may be wider or longer than its place. Where something lies beyond an edge, a shadow and an arrow say so. */
export function Scroller({ label, busy, maxHeight, children }: ScrollerProps) {
  const box = useRef<HTMLDivElement>(null);
  const [beyond, setBeyond] = useState({ left: false, right: false, below: false });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => {
      const left = element.scrollLeft > 1;
      const right = element.scrollLeft + element.clientWidth < element.scrollWidth - 1;
      const below = element.scrollTop + element.clientHeight < element.scrollHeight - 1;
      setBeyond((before) => (before.left === left && before.right === right && before.below === below ? before : { left, right, below }));
    };
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    if (element.firstElementChild) sizes.observe(element.firstElementChild);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  return (
    <div className={css.frame} data-left={beyond.left || undefined} data-right={beyond.right || undefined} data-below={beyond.below || undefined}>
      <div ref={box} className={css.scroll} style={maxHeight ? { maxHeight } : undefined} tabIndex={0} role="group" aria-label={label} aria-busy={busy}>{children}</div>
    </div>
  );
}
