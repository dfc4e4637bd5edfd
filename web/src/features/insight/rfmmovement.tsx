import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

import type { Rfm } from "../../api/types";
import { Flows } from "../../charts/flow";
import { ChartFrame } from "../../charts/frame";
import { useFormat, useSentence, useWords } from "../../i18n/use";
import { groupRank, groupToken } from "../../lib/groups";

type Movement = NonNullable<Rfm["movement"]>;

/** Who went from which group to which between two days, as a Sankey diagram. */
export function RfmMovement({ movement }: { movement: Movement }) {
  const t = useWords();
  const f = useFormat();
  const sentence = useSentence();
  const navigate = useNavigate();
  const name = useCallback((group: string) => (group === "none" ? t("rfm.movement.newcomers") : sentence(`group.${group}.name`) ?? group), [t, sentence]);
  const flows = useMemo(() => (movement.flows ?? []).filter((flow) => flow.customers > 0).toSorted((a, b) => groupRank(a.from) - groupRank(b.from) || groupRank(a.to) - groupRank(b.to)), [movement]);
  const { nodes, links } = useMemo(() => {
    const order = (groups: string[]) => [...new Set(groups)].toSorted((a, b) => groupRank(a) - groupRank(b));
    const left = order(flows.map((flow) => flow.from)).map((group) => ({ id: `from:${group}`, name: name(group), token: groupToken(group), side: "from" as const }));
    const right = order(flows.map((flow) => flow.to)).map((group) => ({ id: `to:${group}`, name: name(group), token: groupToken(group), side: "to" as const }));
    return { nodes: [...left, ...right], links: flows.map((flow) => ({ from: `from:${flow.from}`, to: `to:${flow.to}`, value: flow.customers })) };
  }, [flows, name]);
  const write = useCallback((value: number) => t("unit.customers", { count: value, n: f.int(value) }), [t, f]);
  const pick = useCallback((id: string) => {
    const [side, group] = id.split(":");
    if (side === "to" && group) void navigate({ to: "/customers", search: { group } as never });
  }, [navigate]);
  const known = flows.filter((flow) => flow.from !== "none");
  const count = (which: (flow: (typeof flows)[number]) => boolean) => known.filter(which).reduce((sum, flow) => sum + flow.customers, 0);
  const up = count((flow) => groupRank(flow.to) < groupRank(flow.from));
  const down = count((flow) => groupRank(flow.to) > groupRank(flow.from));
  const says = t("rfm.movement.sentence", { from: f.day(movement.from_as_of), to: f.day(movement.to_as_of), up: f.int(up), down: f.int(down), stayed: f.int(count((flow) => flow.from === flow.to)) });
  return (
    <ChartFrame title={t("rfm.movement.title")} sentence={says} file="dangol-rfm-movement"
      figures={{
        head: [t("rfm.movement.from"), t("rfm.movement.to"), t("rfm.grid.customers")],
        rows: flows.map((flow) => [name(flow.from), name(flow.to), f.int(flow.customers)]),
        raw: flows.map((flow) => [flow.from, flow.to, flow.customers]),
      }}>
      <Flows label={says} nodes={nodes} flows={links} write={write} onPick={pick} height={470} />
    </ChartFrame>
  );
}
