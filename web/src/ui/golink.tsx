import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import css from "./golink.module.css";
import { Icon, type IconName } from "./icons";

interface GoLinkProps {
  to: string;
  params?: Record<string, string>;
  search?: Record<string, string | undefined>;
  icon?: IconName;
  look?: "primary" | "quiet";
  children: ReactNode;
}

/** A way to another screen that looks like a button. */
export function GoLink({ to, params, search, icon, look = "primary", children }: GoLinkProps) {
  return (
    <Link to={to as "/"} params={(params ?? {}) as never} search={(search ?? {}) as never} className={css.go} data-look={look}>
      {icon ? <Icon name={icon} size={16} /> : null}{children}
    </Link>
  );
}
