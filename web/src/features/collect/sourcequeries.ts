import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask, part } from "../../api/ask";
import type { MappingPreview, Webhook } from "../../api/live";
import type { HookKind } from "./snippets";

export const createKey = (name: string, scope: string) =>
  ask<{ key: { id: string; name: string }; secret: string }>("POST", "/v1/keys", { body: { name, scope } });

export const createHook = (hook: { name: string; kind: HookKind; secret?: string; enabled: boolean; mapping?: unknown }) => ask<Webhook>("POST", "/v1/webhooks", { body: hook });

export const hookQuery = (id: string) =>
  queryOptions({ queryKey: ["live", "hook", id], queryFn: ({ signal }) => ask<Webhook>("GET", `/v1/webhooks/${part(id)}`, { signal }) });

export const saveHook = (id: string, hook: Partial<Webhook> & { secret?: string }) => ask<Webhook>("PUT", `/v1/webhooks/${part(id)}`, { body: hook });

export const removeHook = (id: string) => ask<unknown>("DELETE", `/v1/webhooks/${part(id)}`);

export interface PreviewAsk {
  kind: string;
  mapping: unknown;
  topic?: string;
  sample: unknown;
}

export const mappingPreviewQuery = (asked: PreviewAsk, enabled: boolean) =>
  queryOptions({
    queryKey: ["live", "mapping", asked],
    queryFn: ({ signal }) => ask<MappingPreview>("POST", "/v1/webhooks/preview", { body: asked, signal }),
    enabled,
    retry: false,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
