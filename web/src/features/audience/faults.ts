// Which row of the builder a fault of the server is about.
import type { Fault } from "../../api/client";
import type { Places } from "./tree";

export interface Complaint {
  sentence: string;
  next: string;
  /** What of the condition is meant: "op", "where[0].property". Empty: the condition as a whole. */
  field: string;
}

/** "rule.and[0].not.value", "$.and[0]" and "/and/0/not/value" all as "and[0].not.value". */
export function placeOf(path: string): string {
  const text = path.startsWith("/") ? path.slice(1).split("/").map((step) => (/^\d+$/.test(step) ? `[${step}]` : step)).join(".").replaceAll(".[", "[") : path;
  return text.replace(/^\$\.?/, "").replace(/^(?:body\.)?rule(?:\.|$)/, "").replace(/^\./, "");
}

function within(place: string, path: string): string | null {
  if (place === "") return path;
  if (path === place) return "";
  if (!path.startsWith(place)) return null;
  const rest = path.slice(place.length);
  return rest.startsWith(".") ? rest.slice(1) : rest.startsWith("[") ? rest : null;
}

/** The branch that stands deepest around the path; what is left of the path is the field. */
export function branchAt(path: string, places: Places): { id: string; field: string } | null {
  const wanted = placeOf(path);
  let best: { id: string; field: string; depth: number } | null = null;
  for (const [id, place] of places) {
    const field = within(place, wanted);
    // Of two branches at one place (a root of one condition) the inner one, which comes later, is meant.
    if (field !== null && (!best || place.length >= best.depth)) best = { id, field, depth: place.length };
  }
  return best ? { id: best.id, field: best.field } : null;
}

/** All that a refusal says, by the branch it is about; what is about none stands under "". */
export function complaints(fault: Fault | null, places: Places): Map<string, Complaint[]> {
  const found = new Map<string, Complaint[]>();
  if (!fault) return found;
  const put = (path: string, sentence: string, next: string) => {
    const at = path ? branchAt(path, places) : null;
    const id = at?.id ?? "";
    found.set(id, [...(found.get(id) ?? []), { sentence, next, field: at?.field ?? "" }]);
  };
  const several = fault.details.map((detail) => /^([^\s:]+):\s(.*)$/s.exec(detail)).filter((match) => match !== null);
  if (several.length > 0) for (const [, path = "", sentence = ""] of several) put(path, sentence, several.length === 1 ? fault.next : "");
  else put(fault.where?.field ?? "", fault.message, fault.next);
  return found;
}
