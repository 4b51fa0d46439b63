// What a person fills in of a webhook, and what of it is sent: of one that is there only what was changed.

import type { BodyOf, Webhook } from "@onhand/client";

export interface Draft {
  readonly url: string;
  readonly description: string;
  readonly isEveryType: boolean;
  readonly types: string[];
  readonly isEveryStore: boolean;
  readonly stores: string[];
}

export type Changes = BodyOf<"changeWebhook">;

export function draftOf(webhook: Webhook | null): Draft {
  const listOf = (list: string | readonly string[]): string[] =>
    typeof list === "string" ? [] : [...list];
  return {
    url: webhook?.url ?? "https://",
    description: webhook?.description ?? "",
    isEveryType: webhook === null || typeof webhook.types === "string",
    types: listOf(webhook?.types ?? "*"),
    isEveryStore: webhook === null || typeof webhook.stores === "string",
    stores: listOf(webhook?.stores ?? "*"),
  };
}

export function bodyOf(draft: Draft): BodyOf<"createWebhook"> {
  const { url, description } = draft;
  return {
    url: url.trim(),
    description: description.trim() === "" ? null : description.trim(),
    types: draft.isEveryType ? "*" : (draft.types as Exclude<Webhook["types"], string>),
    stores: draft.isEveryStore ? "*" : draft.stores,
  };
}

export function changesOf(draft: Draft, webhook: Webhook): Changes {
  const before: Readonly<Record<string, unknown>> = { ...webhook };
  const changed = Object.entries(bodyOf(draft)).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  );
  return Object.fromEntries(changed);
}

/** As far as a page can tell; the service says the rest. */
export function isAddress(text: string): boolean {
  const url = URL.parse(text.trim());
  return url !== null && /^https?:$/.test(url.protocol);
}
