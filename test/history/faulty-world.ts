// Three instances behind a real nginx on one PostgreSQL and one Redis, and everything that may happen to them: an
// instance is killed and started again, Redis is away for a while, the database ends all connections, the cable
// between an instance and the database is cut, or is cut at the very moment of a COMMIT. Each fault is over when
// this says so, and what comes after it is up again.

import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { must } from "../../src/lib/assert.ts";
import { newSecret } from "../../src/lib/ids.ts";
import { freePort } from "../support/free-port.ts";
import { type Instance, runOnhand, startInstance, unlimited } from "../support/instance.ts";
import type { Shop } from "../support/ledger.ts";
import { startNginx } from "../support/nginx.ts";
import { query, startPostgres } from "../support/postgres.ts";
import { startRedis } from "../support/redis.ts";
import { type Fault, startProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

export const faultKinds = [
  "kill an instance",
  "end all connections of the database",
  "cut commits",
  "restart Redis",
  "cut an instance off from the database",
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface FaultyWorld {
  readonly shop: Shop;
  /** `goesOn` waits until some more requests were answered. */
  strike(kind: FaultKind, goesOn: (answers: number) => Promise<void>): Promise<void>;
  /** What `onhand verify` finds. */
  verify(): Promise<{ readonly code: number | null; readonly said: string }>;
  close(): Promise<void>;
}

const commitFaults: readonly Fault[] = ["lost", "unanswered", "late", "dismissed"];
/** COMMITs that go through between two that are cut. */
const commitsBetween = 5;

export async function openFaultyWorld(random: () => number): Promise<FaultyWorld> {
  const known = getCACertificates("default");
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const databaseUrl = await postgres.newDatabase();
  const key = newSecret();
  const ports = [await freePort(), await freePort(), await freePort()];
  const places = await Promise.all(
    ports.map(async (port) => ({ port, proxy: await startProxy(databaseUrl) })),
  );
  const instances = new Map<number, Instance>();
  const start = async ({ port, proxy }: (typeof places)[number]): Promise<void> => {
    const env = {
      ...unlimited,
      PORT: String(port),
      DATABASE_URL: proxy.urlOf(databaseUrl),
      REDIS_URL: redis.url,
      ONHAND_ADMIN_KEY: key,
      TRUST_PROXY: "1",
    };
    instances.set(port, await startInstance({ env }));
  };
  await Promise.all(places.map(start));
  const nginx = await startNginx(ports);
  setDefaultCACertificates([...known, readFileSync(nginx.certificate, "utf8")]);
  const anyPlace = () => must(places[Math.floor(random() * places.length)], "there are three");

  const strikes: Readonly<
    Record<FaultKind, (goesOn: (answers: number) => Promise<void>) => Promise<void>>
  > = {
    async "kill an instance"(goesOn) {
      const place = anyPlace();
      await must(instances.get(place.port), "it runs").kill();
      await goesOn(100);
      await start(place);
    },
    async "end all connections of the database"(goesOn) {
      await query(
        databaseUrl,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      await goesOn(100);
    },
    async "cut commits"() {
      const { proxy } = anyPlace();
      const before = proxy.cuts();
      let commits = 0;
      proxy.atCommit(() => {
        commits += 1;
        const turn = proxy.cuts() - before;
        return commits % commitsBetween === 0 ? (commitFaults[turn] ?? null) : null;
      });
      const all = commitFaults.length;
      await until(() => proxy.cuts() - before >= all, "commits are cut", 60_000);
      proxy.atCommit(() => null);
    },
    async "restart Redis"(goesOn) {
      await redis.kill();
      await goesOn(100);
      await redis.start();
    },
    async "cut an instance off from the database"(goesOn) {
      const { proxy } = anyPlace();
      proxy.sever();
      await goesOn(50);
      proxy.mend();
    },
  };

  return {
    shop: { url: nginx.url, key },
    strike: (kind, goesOn) => strikes[kind](goesOn),
    async verify() {
      const { code, stdout, stderr } = await runOnhand(["verify"], {
        env: { DATABASE_URL: databaseUrl },
      });
      return { code, said: stdout + stderr };
    },
    async close() {
      setDefaultCACertificates(known);
      await Promise.all([...instances.values()].map((one) => one.kill()));
      await nginx.close();
      await Promise.all(places.map(({ proxy }) => proxy.close()));
      await redis.close();
      await postgres.close();
    },
  };
}
