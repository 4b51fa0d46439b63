// What the batches are worth: POST /api/v1/reservations as one transaction for each request, on a pool of
// connections. The same decision and the same statements as the service, and no key, log line or schema to
// check; started by run.ts. Prints its port.

import Fastify from "fastify";
import { must } from "../src/lib/assert.ts";
import { newId } from "../src/lib/ids.ts";
import { openCommit } from "../src/store/postgres/commit.ts";
import { openConnections } from "../src/store/postgres/connections.ts";

const url = must(process.argv[2], "the URL of the service's database");
const limits = {
  reservationsPerCustomer: 20,
  unitsPerCustomer: 100,
  reservationLifeMs: 86_400_000,
};
const connections = openConnections({
  url,
  poolMin: 2,
  poolMax: 10,
  pooler: false,
  directUrl: null,
});
const commit = openCommit(connections, { pooler: false, notify: null, limits, newId });

interface Body {
  readonly product_id: string;
  readonly store_id: string;
  readonly quantity: number;
  readonly customer_id: string;
  readonly ttl: number;
}

const app = Fastify();
app.post<{ Body: Body }>("/api/v1/reservations", async ({ body, headers }, reply) => {
  const [outcome] = await commit([
    {
      kind: "Reserve",
      actor: "key:bench",
      requestId: newId(),
      once: {
        caller: "key:bench",
        key: String(headers["idempotency-key"]),
        fingerprint: "f".repeat(43),
      },
      groupId: null,
      customerId: body.customer_id,
      ttlMs: body.ttl * 1000,
      metadata: null,
      lines: [
        {
          reservationId: newId(),
          idBrought: false,
          productId: body.product_id,
          storeId: body.store_id,
          quantity: body.quantity,
        },
      ],
    },
  ]);
  reply.code(outcome !== undefined && "reply" in outcome.result ? 201 : 409);
  return outcome?.result;
});
await app.listen({ host: "127.0.0.1", port: 0 });
const address = app.server.address();
process.stdout.write(JSON.stringify({ port: typeof address === "object" ? address?.port : null }));
process.once("SIGTERM", () => void app.close().then(() => connections.close()));
