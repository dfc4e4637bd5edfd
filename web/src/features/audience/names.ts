// What rules may name, ready for the pickers.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { RuleEvent, RuleName, RuleNames } from "../../api/live";
import { useFormat, useSentence } from "../../i18n/use";
import { segmentName } from "../../lib/groups";
import type { PickOption } from "../../ui/picker";
import { namesQuery } from "./rulequeries";
import type { ValueKind } from "./language";

export interface Names {
  ready: boolean;
  events: PickOption[];
  attributes: PickOption[];
  traits: PickOption[];
  scores: PickOption[];
  segments: PickOption[];
  markets: string[];
  attribute: (name: string) => RuleName | undefined;
  trait: (name: string) => RuleName | undefined;
  score: (name: string) => RuleName | undefined;
  /** The properties of an event; of all events for "*". */
  properties: (event: string) => RuleName[];
}

export const kindOfName = (name: RuleName | undefined): ValueKind => (name?.kind ?? "") as ValueKind;

/** Values that occurred, as choices. */
export function samplesOf(name: RuleName | undefined): string[] {
  return (name?.samples ?? []).map(String);
}

function all(events: RuleEvent[]): RuleName[] {
  const seen = new Map<string, RuleName>();
  for (const event of events) for (const property of event.properties ?? []) if (!seen.has(property.name)) seen.set(property.name, property);
  return [...seen.values()];
}

export function useNames(): Names {
  const f = useFormat();
  const sentence = useSentence();
  const { data } = useQuery(namesQuery);
  return useMemo(() => {
    const names: RuleNames = data ?? { events: [], attributes: [], traits: [], scores: [], segments: [], markets: [] };
    const events = names.events ?? [];
    const scores = names.scores ?? [];
    const label = (name: RuleName) => sentence(`trait.${name.name}`) ?? name.labels?.[f.language] ?? name.label ?? name.name;
    const withSamples = (name: RuleName): PickOption => ({ value: name.name, label: name.label ?? name.name, note: samplesOf(name).slice(0, 3).join(", ") || undefined });
    const find = (list: RuleName[]) => (wanted: string) => list.find((one) => one.name === wanted);
    return {
      ready: Boolean(data),
      events: events.map((event) => ({ value: event.name, label: event.name, note: f.compact(event.count) })),
      attributes: (names.attributes ?? []).map(withSamples),
      traits: (names.traits ?? []).map((trait) => ({ value: trait.name, label: label(trait), note: sentence(`trait.${trait.name}`) ? undefined : trait.name })),
      scores: scores.map((score) => ({ value: score.name, label: label(score) })),
      segments: (names.segments ?? []).map((segment) => ({ value: segment.id, label: segmentName(sentence, segment.id, segment.name) })),
      markets: names.markets ?? [],
      attribute: find(names.attributes ?? []),
      trait: find(names.traits ?? []),
      score: find(scores),
      properties: (event: string) => (event === "*" || event === "" ? all(events) : (events.find((one) => one.name === event)?.properties ?? [])),
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- sentence is new at each call, the language decides
  }, [data, f]);
}
