// The one door to the server: every answer is typed, every failure is a Fault.
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

export type Query = Record<string, string | number | boolean | undefined>;

export function urlOf(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  let problem: Partial<Problem> = {};
  try {
    problem = (await response.json()) as Problem;
  } catch {
    // A proxy answered, not the server: the status is all there is to tell.
  }
  throw faultOf(problem, response.status);
}

async function send<T>(url: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers: { Accept: "application/json", ...init.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Fault(0, "unavailable", "console.offline", "", "");
  }
  return answerOf<T>(response);
}

export function ask<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return send<T>(urlOf(path, query), signal ? { signal } : {});
}

export function post<T>(path: string, body: unknown): Promise<T> {
  return send<T>(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}
