// The load generator, in a process of its own: reads one plan as JSON from its input, loads, prints one result.
// generator.ts starts it.

import { text } from "node:stream/consumers";
import { must } from "../src/lib/assert.ts";
import { type Connection, openConnection } from "./connection.ts";
import type { LoadPlan, LoadResult, Loop } from "./plan.ts";
import { requestsOf, type Step } from "./requests.ts";
import { isWanted, openTally } from "./tally.ts";

const plan: LoadPlan = JSON.parse(await text(process.stdin));
const nextStep = requestsOf(plan.work, plan.headers);
const tally = openTally();
const startAt = performance.now() + plan.warmupSeconds * 1000;
const endAt = startAt + plan.seconds * 1000;
let [sent, offered, givenUp] = [0, 0, 0];

const counts = (since: number): boolean => since >= startAt && since < endAt;

/** One operation. `since`: from when its first request's latency counts; closed loops have it as it is sent. */
function operate(connection: Connection, first: Step, since: number, free: () => void): void {
  sent += 1;
  connection.ask(first.text, (answer) => {
    const now = performance.now();
    // In a closed loop what is answered after the window was not done in it.
    const isCounted = counts(since) && (plan.loop.kind === "open" || now < endAt);
    if (isCounted) tally.take(first, answer, now - since);
    if (isWanted(answer) && first.followedBy !== undefined) {
      operate(connection, first.followedBy(answer.bytes), now, free);
      return;
    }
    if (isCounted && isWanted(answer)) tally.done();
    free();
  });
}

function connect(): Connection[] {
  return Array.from({ length: plan.connections }, (_, index) =>
    openConnection(must(plan.ports[index % plan.ports.length], "there is a port")),
  );
}

function runClosed(connections: readonly Connection[]): Promise<unknown> {
  const loops = connections.map(
    (connection) =>
      new Promise<void>((resolve) => {
        function again(): void {
          const now = performance.now();
          if (now >= endAt) resolve();
          else operate(connection, nextStep(), now, again);
        }
        again();
      }),
  );
  return Promise.all(loops);
}

/** Looks every millisecond, and whenever an answer comes, what is due. */
function runOpen(
  connections: readonly Connection[],
  { perSecond, patienceMs }: Extract<Loop, { kind: "open" }>,
): Promise<void> {
  const firstAt = performance.now();
  const idle = [...connections];
  /** The operations that have begun or been given up; number n is due at `firstAt + n * gap`. */
  let begun = 0;
  const gap = 1000 / perSecond;
  const done = Promise.withResolvers<void>();

  function look(): void {
    const now = performance.now();
    for (;;) {
      const dueAt = firstAt + begun * gap;
      if (dueAt > now || dueAt >= endAt) break;
      const isLate = now - dueAt > patienceMs;
      if (!isLate && idle.length === 0) break;
      begun += 1;
      if (counts(dueAt)) offered += 1;
      if (isLate) {
        if (counts(dueAt)) givenUp += 1;
      } else {
        const connection = must(idle.pop(), "looked above");
        operate(connection, nextStep(), dueAt, () => {
          idle.push(connection);
          look();
        });
      }
    }
    if (firstAt + begun * gap >= endAt && idle.length === connections.length) done.resolve();
  }

  const timer = setInterval(look, 1);
  return done.promise.finally(() => clearInterval(timer));
}

let cpuAtStart = process.cpuUsage();
setTimeout(() => {
  cpuAtStart = process.cpuUsage();
}, plan.warmupSeconds * 1000);

// Closed loops of reads leave a processor to the generator: it never sleeps, so that the faster of two servers is
// not the one that has to wake it less often (a wake-up costs the server as much as the answer).
let isAwake =
  plan.loop.kind === "closed" && (plan.work.kind === "get" || plan.work.kind === "availability");
function stayAwake(): void {
  if (isAwake) setImmediate(stayAwake);
}
stayAwake();
const connections = connect();
await (plan.loop.kind === "closed" ? runClosed(connections) : runOpen(connections, plan.loop));
isAwake = false;
const { user, system } = process.cpuUsage(cpuAtStart);
for (const connection of connections) connection.end();

const { operations, ...counted } = tally.counted();
const result: LoadResult = {
  seconds: plan.seconds,
  perSecond: Math.round(operations / plan.seconds),
  ...counted,
  offered,
  givenUp,
  requestsInAll: sent,
  cpuSeconds: (user + system) / 1e6,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
