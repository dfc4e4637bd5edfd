// The parts that every picture shares: quiet axes, one tooltip, one legend.
import type { ChartOption } from "./echart";
import type { Tokens } from "./tokens";

export function textOf(tokens: Tokens, size = 12) {
  return { color: tokens.color["ink-2"], fontFamily: tokens.font, fontSize: size };
}

export function gridOf(extra: Record<string, unknown> = {}): NonNullable<ChartOption["grid"]> {
  return { left: 4, right: 20, top: 16, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel", ...extra };
}

export function categoryAxis(tokens: Tokens, data: string[], extra: Record<string, unknown> = {}) {
  return {
    type: "category" as const, data, axisTick: { show: false }, axisLine: { lineStyle: { color: tokens.color["line-strong"] } },
    axisLabel: { ...textOf(tokens), hideOverlap: true, margin: 10 }, ...extra,
  };
}

export function valueAxis(tokens: Tokens, write: (value: number) => string, extra: Record<string, unknown> = {}) {
  return {
    type: "value" as const, axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4,
    splitLine: { lineStyle: { color: tokens.color.line } }, axisLabel: { ...textOf(tokens), formatter: write, hideOverlap: true }, ...extra,
  };
}

/** Names in a picture come from files: they are text, never markup. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export interface TipRow {
  name: string;
  value: string;
  color?: string;
}

export function tipHtml(title: string, rows: TipRow[]): string {
  const lines = rows.map((row) => {
    const mark = row.color ? `<span style="display:inline-block;width:9px;height:9px;border-radius:3px;margin-right:7px;background:${escape(row.color)}"></span>` : "";
    return `<div style="display:flex;justify-content:space-between;gap:18px"><span>${mark}${escape(row.name)}</span><b style="font-weight:600;font-variant-numeric:tabular-nums">${escape(row.value)}</b></div>`;
  });
  return `<div style="font-weight:600;margin-bottom:3px">${escape(title)}</div>${lines.join("")}`;
}

export function tooltipOf(tokens: Tokens, extra: Record<string, unknown>): NonNullable<ChartOption["tooltip"]> {
  return {
    confine: true, transitionDuration: 0.1, backgroundColor: tokens.color.surface, borderColor: tokens.color["line-strong"], borderWidth: 1, padding: [8, 11],
    extraCssText: "border-radius:8px;box-shadow:var(--shadow-float);max-width:320px;white-space:normal", textStyle: { color: tokens.color.ink, fontFamily: tokens.font, fontSize: 12.5 }, ...extra,
  };
}

export function legendOf(tokens: Tokens, extra: Record<string, unknown> = {}): NonNullable<ChartOption["legend"]> {
  return { type: "scroll", pageIconSize: 10, pageIconColor: tokens.color["ink-2"], pageIconInactiveColor: tokens.color["line-strong"], pageTextStyle: textOf(tokens, 11), top: 0, left: 0, itemWidth: 14, itemHeight: 8, itemGap: 16, icon: "roundRect", textStyle: textOf(tokens), inactiveColor: tokens.color["line-strong"], ...extra };
}
