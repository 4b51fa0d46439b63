// A store whose commits a test holds in its hand: it sees which commands came together and says for each
// commit how it ends. Nothing is decided; an outcome only says which command it belongs to.

import type { Command } from "../../src/domain/model.ts";
import { must } from "../../src/lib/assert.ts";
import type { Outcome } from "../../src/store/store.ts";
import { adjust } from "./commands.ts";

export interface HeldCommit {
  readonly commands: readonly Command[];
  /** It is stored, each command with its outcome. */
  succeed(): void;
  fail(error: unknown): void;
}

export interface CommitPortInHand {
  commit(commands: readonly Command[]): Promise<Outcome[]>;
  /** All commits so far, in order. */
  readonly commits: readonly HeldCommit[];
  /** Commits that have not ended. */
  open(): number;
}

/** With `decide` each commit ends at once, as it says; without it, when the test says so. */
export function openCommitPort(decide?: (commands: readonly Command[]) => void): CommitPortInHand {
  const commits: HeldCommit[] = [];
  let open = 0;
  return {
    commits,
    open: () => open,
    commit(commands) {
      const { promise, resolve, reject } = Promise.withResolvers<Outcome[]>();
      open += 1;
      const held: HeldCommit = {
        commands,
        succeed() {
          open -= 1;
          resolve(commands.map(outcomeOf));
        },
        fail(error) {
          open -= 1;
          reject(error);
        },
      };
      commits.push(held);
      if (decide === undefined) return promise;
      try {
        decide(commands);
        held.succeed();
      } catch (error) {
        held.fail(error);
      }
      return promise;
    },
  };
}

/** A command that is told from others by its request id. */
export function command(name: string): Command {
  return { ...adjust(), requestId: name };
}

export function commandsNamed(...names: readonly string[]): Command[] {
  return names.map(command);
}

export function namesOf(list: readonly { readonly requestId: string }[]): string[] {
  return list.map(({ requestId }) => requestId);
}

export function outcomeOf({ requestId }: Command): Outcome {
  const result = { rejection: { code: "same_store", storeId: "MAD" } } as const;
  return { at: 0, requestId, result, replayed: false, events: [] };
}

/** The commit that began last. */
export function latest({ commits }: CommitPortInHand): HeldCommit {
  return must(commits.at(-1), "a commit has begun");
}
