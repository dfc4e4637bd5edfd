import { useCallback } from "react";

import { EChart, type ChartOption } from "./echart";
import { textOf, tipHtml, tooltipOf } from "./parts";
import type { Tokens } from "./tokens";

export interface FlowNode {
  /** Unique, also between the two sides. */
  id: string;
  name: string;
  token: string;
  side: "from" | "to";
}

export interface Flow {
  from: string;
  to: string;
  value: number;
}

interface FlowsProps {
  label: string;
  nodes: FlowNode[];
  flows: Flow[];
  write: (value: number) => string;
  height?: number;
  onPick?: (id: string) => void;
}

/** Who went where between two days (a Sankey diagram). */
export function Flows({ label, nodes, flows, write, height = 440, onPick }: FlowsProps) {
  const option = useCallback((tokens: Tokens, width: number): ChartOption => {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const narrow = width < 520;
    return {
      animation: false,
      tooltip: tooltipOf(tokens, {
        trigger: "item",
        formatter: (item: { dataType: string; name: string; value: number; data: { source?: string; target?: string } }) => {
          if (item.dataType !== "edge") return tipHtml(byId.get(item.name)?.name ?? item.name, [{ name: "", value: write(item.value) }]);
          const from = byId.get(item.data.source ?? "")?.name ?? "";
          const to = byId.get(item.data.target ?? "")?.name ?? "";
          return tipHtml(`${from} → ${to}`, [{ name: "", value: write(item.value) }]);
        },
      }),
      series: [{
        type: "sankey", left: narrow ? 4 : 140, right: narrow ? 4 : 140, top: 8, bottom: 8, nodeWidth: 10, nodeGap: 9, nodeAlign: "left", layoutIterations: 0, draggable: false,
        emphasis: { focus: "adjacency", lineStyle: { opacity: 0.5 } },
        data: nodes.map((node) => ({
          name: node.id, itemStyle: { color: tokens.of(node.token), borderWidth: 0, borderRadius: 2 },
          label: { ...textOf(tokens, narrow ? 10.5 : 12.5), position: (node.side === "from") === narrow ? "right" : "left", formatter: node.name },
        })),
        links: flows.map((flow) => ({
          source: flow.from, target: flow.to, value: flow.value,
          lineStyle: { color: tokens.of(byId.get(flow.to)?.token ?? "--ink-3"), opacity: byId.get(flow.from)?.token === byId.get(flow.to)?.token ? 0.13 : 0.32, curveness: 0.5 },
        })),
      }],
    } as unknown as ChartOption;
  }, [nodes, flows, write]);
  const pick = useCallback((name: string, kind: string) => {
    if (kind === "node") onPick?.(name);
  }, [onPick]);
  return <EChart label={label} option={option} height={height} {...(onPick ? { onPick: pick } : {})} />;
}
