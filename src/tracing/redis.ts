// Spans of Redis: a run of events that is appended to the streams, in the trace of each request that caused one of
// them, whichever instance that was; and what a request asks of the shared cache.

import type { Bus } from "../bus/bus.ts";
import type { QuickRedis } from "../cache/redis.ts";
import { type Tracing, telling } from "../lib/tracing.ts";

const system = { "db.system.name": "redis" } as const;

/** The same bus; what is appended is told. */
export function tracedBus(bus: Bus, tracing: Tracing): Bus {
  return {
    ...bus,
    append(log, events) {
      const causes = new Set<string>();
      for (const { traceparent } of events) if (traceparent !== null) causes.add(traceparent);
      const appended = bus.append(log, events);
      if (causes.size === 0) return appended;
      const from = performance.now();
      const tell = (failed: boolean): void =>
        tracing.tellTogether(causes, {
          name: "redis append",
          kind: "producer",
          from,
          to: performance.now(),
          failed,
          attributes: {
            ...system,
            "messaging.operation.type": "send",
            "messaging.destination.name": "inventory-events",
            "messaging.batch.message_count": events.length,
          },
        });
      appended.then(
        () => tell(false),
        () => tell(true),
      );
      return appended;
    },
  };
}

/** The same connection; what is asked on it for a traced request is told. */
export function tracedRedis(redis: QuickRedis, tracing: Tracing): QuickRedis {
  const about = (name: string) => ({ name, kind: "client", attributes: system }) as const;
  return {
    ...redis,
    call: (args) => telling(tracing, about(`redis ${args[0] ?? ""}`), () => redis.call(args)),
    run: (script, keys, values) =>
      telling(tracing, about("redis script"), () => redis.run(script, keys, values)),
  };
}
