// One thing that a person wants done, done once: a button that is pressed twice, and a try after a lost answer, carry the
// same idempotency key. The key is renewed when the service has said yes or no (a refusal is kept under its key, and
// would be answered again when there is stock), or when what is wanted has changed.

import { isOnhandError, type OnhandError } from "@onhand/client";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";

interface Intent {
  readonly text: string;
  readonly key: string;
}

export interface Act<Wanted> {
  /** Does it; while it is on its way, again does nothing. Answers whether it was done. */
  readonly run: (wanted: Wanted) => Promise<boolean>;
  readonly isRunning: boolean;
  /** Why it was refused; null: it was not. */
  readonly error: unknown;
  readonly forget: () => void;
}

/** `work` gets the key to send with the write; `done` is called with its answer. */
export function useIntent<Wanted, Answer>(
  work: (wanted: Wanted, idempotencyKey: string) => Promise<Answer>,
  done?: (answer: Answer, wanted: Wanted) => void,
): Act<Wanted> {
  const intent = useRef<Intent | null>(null);
  const running = useRef(false);
  const mutation = useMutation({
    mutationFn: async (wanted: Wanted) => {
      const text = JSON.stringify(wanted);
      if (intent.current?.text !== text) intent.current = { text, key: newKey() };
      try {
        const answer = await work(wanted, intent.current.key);
        intent.current = null;
        return answer;
      } catch (error) {
        if (isOnhandError(error) && isRefusal(error)) intent.current = null;
        throw error;
      }
    },
    ...(done === undefined ? {} : { onSuccess: done }),
  });
  return {
    async run(wanted) {
      if (running.current) return false;
      running.current = true;
      try {
        await mutation.mutateAsync(wanted);
        return true;
      } catch {
        // It is in `error`, and shown there.
        return false;
      } finally {
        running.current = false;
      }
    },
    isRunning: mutation.isPending,
    error: mutation.error,
    forget: mutation.reset,
  };
}

function isRefusal({ status, mayHaveHappened }: OnhandError): boolean {
  return status >= 400 && status < 500 && !mayHaveHappened;
}

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
