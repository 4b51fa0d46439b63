// The webhooks as the service has them, asked again every few seconds: how far each is changes with every delivery.

import type { Webhook, WebhookDelivery } from "@onhand/client";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { client } from "../client.ts";
import { allOf, queries } from "../queries.ts";

const everyMs = 3_000;

export function useWebhooks(): UseQueryResult<Webhook[]> {
  return useQuery({
    queryKey: ["webhooks", "all"],
    queryFn: () => allOf(client.webhooks.list({ limit: 500 })),
    refetchInterval: everyMs,
    staleTime: 0,
  });
}

export function useWebhook(id: string): UseQueryResult<Webhook> {
  return useQuery({
    queryKey: ["webhooks", "one", id],
    queryFn: () => client.webhooks.get(id),
    refetchInterval: everyMs,
    staleTime: 0,
  });
}

export function useDeliveries(id: string): UseQueryResult<WebhookDelivery[]> {
  return useQuery({
    queryKey: ["webhooks", "deliveries", id],
    queryFn: () => allOf(client.webhooks.deliveries(id, { limit: 500 })),
    refetchInterval: everyMs,
    staleTime: 0,
  });
}

export function readWebhooksAgain(): void {
  void queries.invalidateQueries({ queryKey: ["webhooks"] });
}
