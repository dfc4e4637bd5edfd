// The one door to the server: every path, question and answer is typed by the API's own description, every failure is a Fault.
import createClient from "openapi-fetch";

import type { paths } from "./schema";
import type { Problem } from "./types";

/** A failure with a sentence for people, and the next step where the server knows one. */
export class Fault extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly reason: string,
    sentence: string,
    readonly next: string,
    readonly details: string[] = [],
    readonly where: Problem["where"] = undefined,
  ) {
    super(sentence);
    this.name = "Fault";
  }
}

export function faultOf(problem: Partial<Problem>, status: number): Fault {
  const details = (problem.errors ?? []).map((e) => (e.location ? `${e.location}: ${e.message}` : e.message));
  return new Fault(problem.status ?? status, problem.code ?? "internal", problem.type ?? "", problem.detail ?? problem.title ?? "", problem.next ?? "", details, problem.where);
}

/** No answer at all: the screens word it themselves, in the reader's language. */
export function offline(): Fault {
  return new Fault(0, "unavailable", "console.offline", "", "");
}

export const api = createClient<paths>({
  querySerializer: { array: { style: "form", explode: false } },
  fetch: async (request) => {
    try {
      return await fetch(request);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw offline();
    }
  },
});

/** The body of an answer, or the Fault that came instead. */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok && data !== undefined) return data;
  throw faultOf(typeof error === "object" && error !== null ? (error as Partial<Problem>) : {}, response.status);
}

/** The same for an answer without a body. */
export async function done(call: Promise<{ error?: unknown; response: Response }>): Promise<void> {
  const { error, response } = await call;
  if (!response.ok) throw faultOf(typeof error === "object" && error !== null ? (error as Partial<Problem>) : {}, response.status);
}

export type Query = Record<string, string | number | boolean | undefined>;

/** An address for a link or a download. */
export function urlOf(path: keyof paths | "/v1/events/live", query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}
