// Redis on a request's way: what it would answer in time, and nothing where it does not. A call never fails
// and never takes longer than `redisAnswerMsMax`. When some calls in a row were late, nobody waits any more
// until a PING is answered in time: it is sent once a second and no request waits for it, so that a Redis
// that hangs costs some first requests a moment and the later ones nothing. The client's own time limit ends
// no command that was sent; the connection (bus/redis-connection.ts) is given up when one gets no answer.
// Not the relay's connection: its runs of events must not stand before a request's call.

import { ErrorReply } from "redis";
import { openRedisConnection, type Script } from "../bus/redis-connection.ts";
import { redisAnswerMsMax, redisLateMax, redisPauseMs } from "../limits.ts";

/** Why there was no answer: no connection or nobody waits any more, too late, or Redis refused. */
export type Unanswered = "away" | "late" | "refused";

export interface QuickRedis {
  /** undefined: there was no answer in time. */
  call(args: readonly string[]): Promise<unknown>;
  run(script: Script, keys: readonly string[], values: readonly string[]): Promise<unknown>;
  close(): void;
}

export interface QuickRedisOptions {
  readonly url: string;
  /** What an operator should know. */
  readonly said: (level: "info" | "warn", words: string) => void;
  readonly unanswered: (why: Unanswered) => void;
  /** In place of the limit. A test is not to fail because its machine is busy. */
  readonly answerMsMax?: number;
}

/** Opens the connection; a Redis that is not there now may come later. */
export function openQuickRedis(options: QuickRedisOptions): QuickRedis {
  const { url, said, unanswered, answerMsMax = redisAnswerMsMax } = options;
  // Whether Redis is there is said by the relay.
  const quiet = (): void => undefined;
  const connection = openRedisConnection({ url, said: quiet, ready: quiet });
  let late = 0;
  let pause: NodeJS.Timeout | null = null;
  let refusal = "";

  function ask(send: () => Promise<unknown>): Promise<unknown> {
    if (pause === null && connection.connected()) return inTime(send());
    unanswered("away");
    return Promise.resolve(undefined);
  }

  function inTime(asked: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve) => {
      let over = false;
      const timer = setTimeout(() => {
        // It may be this process that was busy: what has arrived meanwhile is looked at first.
        setImmediate(() => {
          if (over) return;
          over = true;
          missed();
          resolve(undefined);
        });
      }, answerMsMax);
      const end = (answer: unknown): void => {
        clearTimeout(timer);
        over = true;
        resolve(answer);
      };
      asked.then(
        (answer) => {
          if (!over) late = 0;
          end(answer);
        },
        (error: unknown) => {
          if (!over) refused(error);
          end(undefined);
        },
      );
    });
  }

  function missed(): void {
    unanswered("late");
    late += 1;
    if (late < redisLateMax || pause !== null) return;
    said("warn", "Redis answers too late: requests go on without it");
    probeLater();
  }

  function probeLater(): void {
    pause = setTimeout(() => void probe(), redisPauseMs);
    pause.unref();
  }

  async function probe(): Promise<void> {
    const answer = connection.connected() ? await inTime(connection.call(["PING"])) : undefined;
    if (pause === null) return;
    if (answer === undefined) return probeLater();
    pause = null;
    said("info", "Redis answers in time again");
  }

  /** An answer all the same, and in time; only a lost connection is none, and that is said by the relay. */
  function refused(error: unknown): void {
    const reply = error instanceof Error ? error.cause : null;
    if (!(reply instanceof ErrorReply)) return unanswered("away");
    unanswered("refused");
    if (reply.message === refusal) return;
    refusal = reply.message;
    said("warn", `Redis refuses what instances share: ${reply.message}`);
  }

  return {
    call: (args) => ask(() => connection.call(args)),
    run: (script, keys, values) => ask(() => connection.run(script, keys, values)),
    close() {
      if (pause !== null) clearTimeout(pause);
      pause = null;
      connection.close();
    },
  };
}
