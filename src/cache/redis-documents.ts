// Availability documents that instances share in Redis: what one has read, the others need not read. One key
// for each product holds its document or the mark of its last event, whichever is newer by `seq`; set.lua and
// mark.lua see to that. Marks live twice as long as documents.
//
// Marks are sent by the instance that committed, without waiting for them: it is the first to know, and the
// others would only say the same again. So nothing may rest on them: Redis may be away just then, or the
// instance may end. What an answer rests on is `known`, which every instance has from its own commits before
// it answers them, and from the log of all others': a document that was read before the last event that this
// instance knows of is not taken. So a client reads its own writes here, and nothing that is older than the
// log is behind.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { scriptOf } from "../bus/redis-connection.ts";
import { knownProductsMax, markedDocumentsMax, sharedDocumentLengthMax } from "../limits.ts";
import type { Head, LogEvent } from "../store/store.ts";
import { openKnown } from "./known.ts";
import type { AvailabilityDocument, SharedDocument, SharedDocuments } from "./memory.ts";
import type { QuickRedis } from "./redis.ts";

export interface SharedDocumentsOptions {
  readonly redis: QuickRedis;
  readonly prefix: string;
  /** Where the log stood when this instance began to follow it. */
  readonly head: Pick<Head, "logId" | "epoch" | "seq">;
  readonly ttlMs: number;
  readonly revive: (body: string, etag: string) => AvailabilityDocument;
}

const script = (name: string) =>
  scriptOf(readFileSync(join(import.meta.dirname, `${name}.lua`), "utf8"));
const getScript = script("get");
const setScript = script("set");
const markScript = script("mark");

/** Goes into a header, so nothing else is let through. */
const documentPattern = /^(\d{1,15})\n(W\/"[\w-]{1,64}")\n/;

export function openSharedDocuments(options: SharedDocumentsOptions): SharedDocuments {
  const { redis, prefix, head, ttlMs, revive } = options;
  // Another log, or this one restored, counts anew: its numbers say nothing of ours.
  const log = `${head.epoch}.${head.logId.slice(-12)}`;
  const keyOf = (productId: string): string => `${prefix}availability:${log}:${productId}`;
  const markOfAll = `${prefix}availability-mark:${log}`;
  const known = openKnown(head.seq, knownProductsMax);
  const markMs = String(2 * ttlMs);

  function shared(productId: string, text: unknown, leftMs: number): SharedDocument | null {
    if (typeof text !== "string") return null;
    const [start, seq, etag = ""] = documentPattern.exec(text) ?? [];
    if (start === undefined || Number(seq) < known.lastOf(productId)) return null;
    const body = text.slice(start.length);
    // Whoever writes to Redis beside us is not to make this instance answer another product's.
    if (!body.startsWith(`{"product_id":${JSON.stringify(productId)},`)) return null;
    return { document: revive(body, etag), leftMs: Math.min(leftMs, ttlMs) };
  }

  return {
    async get(productIds) {
      const found = new Map<string, SharedDocument>();
      const answer = await redis.run(getScript, [markOfAll, ...productIds.map(keyOf)], []);
      if (!Array.isArray(answer)) return found;
      productIds.forEach((id, index) => {
        const one = shared(id, answer[2 * index], Number(answer[2 * index + 1]));
        if (one !== null) found.set(id, one);
      });
      return found;
    },

    put({ availability, body, etag }) {
      const { product, asOfSeq } = availability;
      if (body.length > sharedDocumentLengthMax) return;
      const text = `${asOfSeq}\n${etag}\n${body}`;
      const values = [String(asOfSeq), text, String(ttlMs)];
      void redis.run(setScript, [markOfAll, keyOf(product.id)], values);
    },

    hear: known.hear,

    mark(events) {
      const seqs = [...lastSeqs(events, keyOf, markOfAll)];
      for (let at = 0; at < seqs.length; at += markedDocumentsMax) {
        const some = seqs.slice(at, at + markedDocumentsMax);
        const values = [markMs, ...some.map(([, seq]) => String(seq))];
        const keys = some.map(([key]) => key);
        void redis.run(markScript, keys, values);
      }
    },
  };
}

/** The last event of each key. */
function lastSeqs(
  events: readonly LogEvent[],
  keyOf: (productId: string) => string,
  markOfAll: string,
): Map<string, number> {
  const seqs = new Map<string, number>();
  for (const { productId, seq } of events) {
    const key = productId === null ? markOfAll : keyOf(productId);
    seqs.set(key, Math.max(seq, seqs.get(key) ?? 0));
  }
  return seqs;
}
