import { useCallback } from "react";

import { EChart, type ChartOption } from "./echart";
import { categoryAxis, gridOf, textOf, tipHtml, tooltipOf, valueAxis } from "./parts";
import type { Tokens } from "./tokens";

export interface Step {
  name: string;
  from: number;
  to: number;
  /** A level on its own, from zero: where the walk begins and where it ends. */
  whole?: boolean;
}

interface WaterfallProps {
  label: string;
  steps: Step[];
  write: (value: number) => string;
  height?: number;
  max?: number;
  /** Whether up is bad news. */
  upIsBad?: boolean;
}

/** From one level to another, step by step: each bar begins where the one before it ended. */
export function Waterfall({ label, steps, write, height, max, upIsBad }: WaterfallProps) {
  const option = useCallback((tokens: Tokens, width: number): ChartOption => {
    const colorOf = (step: Step) => (step.whole ? tokens.color["ink-3"] : step.to > step.from === Boolean(upIsBad) ? tokens.color.bad : tokens.color.good);
    return {
      animation: false,
      grid: gridOf({ top: 6, bottom: 4, right: 52 }),
      tooltip: tooltipOf(tokens, {
        trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: tokens.color.ink, opacity: 0.05 } },
        formatter: (points: { dataIndex: number }[]) => {
          const step = steps[points[0]?.dataIndex ?? 0];
          if (!step) return "";
          return tipHtml(step.name, step.whole ? [{ name: "", value: write(step.to) }] : [{ name: `${write(step.from)} → ${write(step.to)}`, value: signed(step.to - step.from, write), color: colorOf(step) }]);
        },
      }),
      xAxis: valueAxis(tokens, write, { ...(max === undefined ? {} : { max }), ...(max === 1 ? { interval: 0.25 } : {}), ...(width < 460 ? { splitNumber: 2 } : {}) }),
      yAxis: categoryAxis(tokens, steps.map((step) => step.name), { inverse: true, axisLine: { show: false }, axisLabel: { ...textOf(tokens, width < 420 ? 11 : 12), width: Math.min(210, width * 0.4), overflow: "break", margin: 10 } }),
      series: [
        { type: "bar", stack: "walk", silent: true, itemStyle: { color: "transparent" }, emphasis: { disabled: true }, data: steps.map((step) => (step.whole ? 0 : Math.min(step.from, step.to))) },
        {
          type: "bar", stack: "walk", barMaxWidth: 24, emphasis: { disabled: true },
          label: { show: true, position: "right", ...textOf(tokens, 11.5), formatter: (point: { dataIndex: number }) => labelOf(steps[point.dataIndex], write) },
          data: steps.map((step) => ({ value: step.whole ? step.to : Math.abs(step.to - step.from), itemStyle: { color: colorOf(step), borderRadius: 3 } })),
        },
      ],
    } as ChartOption;
  }, [steps, write, max, upIsBad]);
  return <EChart label={label} option={option} {...(height ? { height } : {})} />;
}

function signed(value: number, write: (value: number) => string): string {
  return `${value < 0 ? "−" : "+"}${write(Math.abs(value))}`;
}

function labelOf(step: Step | undefined, write: (value: number) => string): string {
  if (!step) return "";
  return step.whole ? write(step.to) : signed(step.to - step.from, write);
}
