import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { answer, api, done } from "../../api/client";
import type { Key, MappingAsk, WebhookDraft } from "../../api/live";

export const createKey = (name: string, scope: Key["scope"]) => answer(api.POST("/v1/keys", { body: { name, scope } }));

export const createHook = (hook: WebhookDraft) => answer(api.POST("/v1/webhooks", { body: hook }));

export const hookQuery = (id: string) =>
  queryOptions({ queryKey: ["live", "hook", id], queryFn: ({ signal }) => answer(api.GET("/v1/webhooks/{id}", { params: { path: { id } }, signal })) });

export const saveHook = (id: string, hook: WebhookDraft) => answer(api.PUT("/v1/webhooks/{id}", { params: { path: { id } }, body: hook }));

export const removeHook = (id: string) => done(api.DELETE("/v1/webhooks/{id}", { params: { path: { id } } }));

export const mappingPreviewQuery = (asked: MappingAsk, enabled: boolean) =>
  queryOptions({
    queryKey: ["live", "mapping", asked],
    queryFn: ({ signal }) => answer(api.POST("/v1/webhooks/preview", { body: asked, signal })),
    enabled,
    retry: false,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  });
