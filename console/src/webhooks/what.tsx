// Which events a webhook wants, and of which stores, in words.

import type { Webhook } from "@onhand/client";
import { eventWords, isKnownWord } from "../events/words.ts";
import { useWords } from "../i18n.ts";
import { useStoreName } from "../queries.ts";
import { webhookWords } from "./words.ts";

/** Of a service that is newer than this page a type is called by its name. */
export function useTypeName(): (type: string) => string {
  const say = useWords(eventWords);
  return (type) => (isKnownWord(type) ? say(type) : type);
}

export function useWanted(): (webhook: Webhook) => { types: string; stores: string } {
  const say = useWords(webhookWords);
  const typeName = useTypeName();
  const storeName = useStoreName();
  return ({ types, stores }) => ({
    types: typeof types === "string" ? say("allTypes") : types.map(typeName).join(", "),
    stores: typeof stores === "string" ? say("allStores") : stores.map(storeName).join(", "),
  });
}
