// Row locks of a simulated database: first come, first served, and given back when a transaction ends, however it
// ends.

import { OperatingError } from "../src/lib/operating-error.ts";
import type { Meet } from "./met.ts";
import type { Time } from "./time.ts";

export interface Transaction {
  readonly held: ReadonlySet<string>;
  /** It has ended, or its connection has. */
  readonly isOver: boolean;
}

export interface Locks {
  begin(): Transaction;
  /** Throws `OperatingError` where it takes too long, or when the transaction is killed meanwhile. */
  take(transaction: Transaction, name: string, msMax: number): Promise<void>;
  end(transaction: Transaction): void;
  /** From outside: whoever runs it finds out at its next step. */
  kill(transaction: Transaction): void;
}

interface Own extends Transaction {
  readonly held: Set<string>;
  isOver: boolean;
  /** Ends its wait for a lock. */
  wake: (() => void) | null;
}

export function openLocks(time: Time, meet: Meet): Locks {
  const holders = new Map<string, Own>();
  const waiting = new Map<string, Own[]>();
  const own = new Map<Transaction, Own>();

  function give(name: string): void {
    const next = waiting.get(name)?.find(({ isOver }) => !isOver);
    if (next === undefined) return;
    hold(next, name);
    next.wake?.();
  }

  function hold(one: Own, name: string): void {
    holders.set(name, one);
    one.held.add(name);
  }

  function release(one: Own): void {
    one.isOver = true;
    for (const name of one.held) {
      holders.delete(name);
      give(name);
    }
  }

  return {
    begin() {
      const one: Own = { held: new Set(), isOver: false, wake: null };
      own.set(one, one);
      return one;
    },
    async take(transaction, name, msMax) {
      const one = own.get(transaction);
      if (one === undefined || one.isOver) throw ended();
      const holder = holders.get(name);
      if (holder === one) return;
      if (holder === undefined) return hold(one, name);
      const queue = waiting.get(name) ?? [];
      waiting.set(name, queue);
      queue.push(one);
      await new Promise<void>((resolve) => {
        one.wake = resolve;
        time.after(msMax, resolve);
      });
      one.wake = null;
      queue.splice(queue.indexOf(one), 1);
      if (one.isOver) throw ended();
      if (holders.get(name) !== one) {
        meet("lock waited for too long");
        throw new OperatingError("a lock took too long", { retryable: true });
      }
    },
    end(transaction) {
      const one = own.get(transaction);
      own.delete(transaction);
      if (one !== undefined && !one.isOver) release(one);
    },
    kill(transaction) {
      const one = own.get(transaction);
      if (one === undefined || one.isOver) return;
      release(one);
      one.wake?.();
    },
  };
}

function ended(): OperatingError {
  return new OperatingError("the connection was lost", { retryable: true });
}
