// What a command was answered: accepted with a reply, or refused; when, and by which request; and which
// events it left.

import type { DomainEvent } from "./event.ts";
import type { Once, Reply } from "./model.ts";
import type { Rejection } from "./rejection.ts";

export type Decided = { readonly reply: Reply } | { readonly rejection: Rejection };

/** What a command was answered, as it is kept under its idempotency key. */
export interface Answered {
  /** When it was decided. */
  readonly at: number;
  /** The request that was first answered so; a replay repeats it. */
  readonly requestId: string;
  readonly result: Decided;
}

export interface Outcome extends Answered {
  /** This answer was given before, to an earlier request with the same key. */
  readonly replayed: boolean;
  /** Events of this command, its rows' expired holds first; the store numbers them in this order. */
  readonly events: readonly DomainEvent[];
}

/** Under which a kept answer is found again. */
export function answerKey(once: Pick<Once, "caller" | "key">): string {
  return `${once.caller}\n${once.key}`;
}
