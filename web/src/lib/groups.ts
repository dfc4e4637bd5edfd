// The RFM groups and life-cycle stages, in the order in which people read them: best first.

export const groups = [
  "champions", "loyal", "potential", "new", "promising", "need_attention",
  "about_to_sleep", "at_risk", "cannot_lose", "hibernating", "lost",
] as const;

export type Group = (typeof groups)[number];

export function isGroup(value: string): value is Group {
  return (groups as readonly string[]).includes(value);
}

/** The CSS variable that holds a group's colour; what is not a group is drawn in grey. */
export function groupColor(group: string): string {
  return isGroup(group) ? `var(--group-${group.replaceAll("_", "-")})` : "var(--ink-3)";
}

/** The name of that variable, for charts that must resolve it. */
export function groupToken(group: string): string {
  return isGroup(group) ? `--group-${group.replaceAll("_", "-")}` : "--ink-3";
}

/** Position in the reading order; unknown groups come last. */
export function groupRank(group: string): number {
  const at = (groups as readonly string[]).indexOf(group);
  return at < 0 ? groups.length : at;
}

/** A built-in segment's name in the reader's language. Stages and RFM groups are segments too, and share some names: each says what it is. */
export function segmentName(sentence: (key: string, values?: Record<string, unknown>) => string | undefined, slug: string, fallback: string): string {
  const kind = slug.startsWith("stage-") ? "stage" : slug.startsWith("rfm-") ? "group" : undefined;
  const name = shortName(sentence, slug, fallback);
  return kind ? (sentence(`kind.${kind}`, { name }) ?? name) : name;
}

/** The same under a heading that says what it is. */
export function shortName(sentence: (key: string) => string | undefined, slug: string, fallback: string): string {
  const stage = /^stage-(.+)$/.exec(slug)?.[1];
  const group = /^rfm-(.+)$/.exec(slug)?.[1];
  const key = stage ? `lifecycle.${stage.replaceAll("-", "_")}` : group ? `group.${group.replaceAll("-", "_")}.name` : `segment.${slug}.name`;
  return sentence(key) ?? fallback;
}

/** What its members have in common, in a sentence. */
export function segmentMeaning(sentence: (key: string) => string | undefined, slug: string, fallback: string): string {
  const stage = /^stage-(.+)$/.exec(slug)?.[1];
  const group = /^rfm-(.+)$/.exec(slug)?.[1];
  const key = stage ? `stage.${stage.replaceAll("-", "_")}` : group ? `group.${group.replaceAll("-", "_")}.meaning` : `segment.${slug}.meaning`;
  return sentence(key) ?? fallback;
}
