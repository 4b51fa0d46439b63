// Spans of the database: what a request reads, and the commits, each of which serves many requests. Names are those of
// the port's methods; no value of a row and no parameter is told.

import type { Command } from "../domain/model.ts";
import { type Tracing, telling } from "../lib/tracing.ts";
import type { Store } from "../store/store.ts";

export type DatabaseKind = "sqlite" | "postgres";

interface Queued {
  readonly command: Pick<Command, "traceparent">;
  readonly since: number;
}

function attributesOf(kind: DatabaseKind) {
  return { "db.system.name": kind === "sqlite" ? "sqlite" : "postgresql" } as const;
}

/** Not what requests ask for one by one. */
const untold: ReadonlySet<string> = new Set(["commit", "listen", "close", "ping"]);

/** The same store; what is asked of it for a traced request is told. */
export function tracedStore(store: Store, kind: DatabaseKind, tracing: Tracing): Store {
  const attributes = attributesOf(kind);
  const system = attributes["db.system.name"];
  const traced: Record<string, unknown> = {};
  for (const [name, ask] of Object.entries(store)) {
    if (untold.has(name) || typeof ask !== "function") continue;
    const about = { name: `${system} ${name}`, kind: "client", attributes } as const;
    traced[name] = (...args: unknown[]) => telling(tracing, about, () => ask(...args));
  }
  return { ...store, ...traced };
}

/** How long each command waited for its commit, and the commit. */
export function commitTeller(kind: DatabaseKind, tracing: Tracing) {
  const system = attributesOf(kind);
  return (
    batch: readonly Queued[],
    settled: readonly object[],
    startedAt: number,
    endedAt: number,
  ): void => {
    const done = { ok: new Set<string>(), failed: new Set<string>() };
    for (const [index, { command, since }] of batch.entries()) {
      const { traceparent = null } = command;
      if (traceparent === null) continue;
      tracing.tell(traceparent, { name: "queue", kind: "internal", from: since, to: startedAt });
      done["error" in (settled[index] ?? {}) ? "failed" : "ok"].add(traceparent);
    }
    const name = `${system["db.system.name"]} commit`;
    const size = batch.length > 1 ? { "db.operation.batch.size": batch.length } : {};
    const about = { name, kind: "client", from: startedAt, to: endedAt } as const;
    const attributes = { ...system, ...size };
    tracing.tellTogether(done.ok, { ...about, attributes });
    tracing.tellTogether(done.failed, { ...about, attributes, failed: true });
  };
}
