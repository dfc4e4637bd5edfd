import type { IconName } from "../ui/icons";

/** The screens, in the order of the menu. */
export const destinations = [
  { to: "/", icon: "overview", key: "overview", part: "see" },
  { to: "/customers", icon: "customers", key: "customers", part: "see" },
  { to: "/rfm", icon: "rfm", key: "rfm", part: "understand" },
  { to: "/cohorts", icon: "cohorts", key: "cohorts", part: "understand" },
  { to: "/value", icon: "value", key: "value", part: "understand" },
  { to: "/risk", icon: "warning", key: "risk", part: "foresee" },
  { to: "/forecast", icon: "chart", key: "forecast", part: "foresee" },
  { to: "/recommendations", icon: "recommendations", key: "recommendations", part: "foresee" },
  { to: "/predictions", icon: "predictions", key: "predictions", part: "foresee" },
  { to: "/segments", icon: "segments", key: "segments", part: "understand" },
  { to: "/live", icon: "live", key: "live", part: "data" },
  { to: "/sources", icon: "sources", key: "sources", part: "data" },
  { to: "/import", icon: "import", key: "import", part: "data" },
  { to: "/settings", icon: "settings", key: "settings", part: "data" },
] as const satisfies readonly { to: string; icon: IconName; key: string; part: string }[];
