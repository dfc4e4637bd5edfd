// Questions whose paths the description of the API does not hold yet: the same door, the same faults, typed by hand.
import { faultOf, offline, type Query } from "./client";
import type { Problem } from "./types";

interface Ask {
  query?: Query;
  body?: unknown;
  /** A file instead of JSON. */
  file?: { type: string; body: string | Blob };
  signal?: AbortSignal;
}

/** An address with its question. */
export function addressOf(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

/** A part of a path that came from outside. */
export function part(text: string): string {
  return encodeURIComponent(text);
}

export async function ask<T>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, { query, body, file, signal }: Ask = {}): Promise<T> {
  let response: Response;
  const type = file ? file.type : body === undefined ? undefined : "application/json";
  try {
    response = await fetch(addressOf(path, query), {
      method,
      headers: { Accept: "application/json", ...(type ? { "Content-Type": type } : {}) },
      ...(file ? { body: file.body } : body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw offline();
  }
  const answered: unknown = await response.json().catch(() => ({}));
  if (response.ok) return answered as T;
  throw faultOf(typeof answered === "object" && answered !== null ? (answered as Partial<Problem>) : {}, response.status);
}
