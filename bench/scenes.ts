// What is measured, scene by scene: a scene starts its databases and ends them. README.md describes the works and
// the contenders; the ids here are how results, targets and documents speak of them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../src/lib/assert.ts";
import { type Postgres, startPostgres } from "../test/support/postgres.ts";
import { inTurn, type Progress, paced, together } from "./contest.ts";
import { fillDatabase } from "./fill.ts";
import { postgresDurability, sqliteDurability } from "./machine.ts";
import type { Measurement } from "./measure.ts";
import type { Options } from "./options.ts";
import type { Rows } from "./plan.ts";
import type { Filled, Result, Share } from "./result.ts";
import { type Server, startEmptyRoute, startOnhand, startPlainRoute } from "./server.ts";
import { oneRow, spread, stockUp, stores } from "./shop.ts";

/** What a scene adds to the run. */
export interface Seen {
  readonly results: readonly Result[];
  readonly filled?: readonly Filled[];
  readonly startMs?: Readonly<Record<string, number>>;
  readonly durability?: Readonly<Record<string, string>>;
  readonly postgres?: string;
  readonly profile?: readonly Share[];
}

export type Scene = (options: Options, progress: Progress) => Promise<Seen>;

/** The works, on the small catalogue. */
function worksAt(place: string, name: string) {
  const reserve: Measurement = {
    id: `${place}/reserve/spread`,
    title: `${name}: reserve, 4,000 rows`,
    work: { kind: "reserve", rows: spread },
  };
  const reserveOne: Measurement = {
    id: `${place}/reserve/one-row`,
    title: `${name}: reserve, one row`,
    work: { kind: "reserve", rows: oneRow },
  };
  const confirm: Measurement = {
    id: `${place}/reserve-confirm/spread`,
    title: `${name}: reserve, then confirm`,
    work: { kind: "reserve-confirm", rows: spread },
  };
  const availability: Measurement = {
    id: `${place}/availability`,
    title: `${name}: availability, warm`,
    work: { kind: "availability", rows: spread },
  };
  const mixed: Measurement = {
    id: `${place}/mixed`,
    title: `${name}: 80 % availability, 20 % reserve`,
    work: { kind: "mixed", rows: spread },
  };
  return { reserve, reserveOne, confirm, availability, mixed };
}

const emptyRoute: Measurement = {
  id: "floor/empty-route",
  title: "floor: an empty Fastify route",
  work: { kind: "get", path: "/" },
};

export async function sqliteScene(options: Options, progress: Progress): Promise<Seen> {
  const server = await startOnhand();
  const empty = await startEmptyRoute();
  try {
    await stockUp(server, spread);
    const works = worksAt("sqlite", "SQLite");
    const ofServer = (all: readonly Measurement[]) => all.map((one) => [[server], one] as const);
    const closed = await together(
      [...ofServer(Object.values(works)), [[empty], emptyRoute]],
      options,
      progress,
    );
    const atPace = [
      ...[0.25, 0.5, 0.75, 0.9].flatMap((share) => paced(works.reserve, closed, share)),
      ...[0.5, 0.75].flatMap((share) => paced(works.availability, closed, share)),
      ...[0.5, 0.75].flatMap((share) => paced(works.mixed, closed, share)),
    ];
    const open = await together(ofServer(atPace), { ...options, only: [] }, progress);
    return {
      results: [...closed, ...open],
      startMs: { sqlite: Math.round(server.startMs) },
      durability: { sqlite: sqliteDurability() },
    };
  } finally {
    await server.stop();
    await empty.stop();
  }
}

const adminKey = `ohk_${"b".repeat(43)}`;

function instances(url: string, count: number): Promise<Server[]> {
  const env = { DATABASE_URL: url, ONHAND_ADMIN_KEY: adminKey };
  return Promise.all(Array.from({ length: count }, () => startOnhand(env)));
}

async function stockedDatabase(postgres: Postgres): Promise<string> {
  const url = await postgres.newDatabase();
  const [first] = await instances(url, 1);
  await stockUp(must(first, "an instance"), spread);
  await first?.stop();
  return url;
}

/** As Debian installs it, but for more memory: 32 MB are for tests. */
const asInstalled = { settings: { shared_buffers: "256MB" } };

export async function postgresScene(options: Options, progress: Progress): Promise<Seen> {
  const postgres = await startPostgres(asInstalled);
  try {
    const url = await stockedDatabase(postgres);
    const one = worksAt("postgres", "PostgreSQL");
    const three = worksAt("postgres-3", "PostgreSQL, three instances");
    const plain = worksAt("plain", "PostgreSQL, a transaction each");
    const closed = await inTurn(
      [
        { start: () => instances(url, 1), measurements: Object.values(one) },
        { start: () => instances(url, 3), measurements: [three.reserve, three.reserveOne] },
        {
          start: async () => [await startPlainRoute(url)],
          measurements: [plain.reserve, plain.reserveOne],
        },
      ],
      options,
      progress,
    );
    const atPace = [
      ...[0.5, 0.75].flatMap((share) => paced(one.reserve, closed, share)),
      ...paced(one.mixed, closed, 0.75),
    ];
    const servers = await instances(url, 1);
    const open = await together(
      atPace.map((measurement) => [servers, measurement] as const),
      { ...options, only: [] },
      progress,
    );
    await Promise.all(servers.map((server) => server.stop()));
    const { version, settings } = await postgresDurability(url);
    return {
      results: [...closed, ...open],
      startMs: { postgres: Math.round(must(servers[0], "an instance").startMs) },
      durability: { postgres: settings },
      postgres: version,
    };
  } finally {
    await postgres.close();
  }
}

/** The same work on all rows of a filled database and on the small one, in turn. */
function growthAt(place: string, name: string, { rows, reservations }: Options) {
  const all: Rows = { products: rows / stores.length, stores };
  const million = (count: number): string => count.toLocaleString("en");
  const size = `${million(rows)} rows, ${million(reservations)} reservations`;
  const one = (id: string, title: string, work: Measurement["work"]): Measurement => ({
    id: `large/${place}/${id}`,
    title: `${name}: ${title}`,
    work,
  });
  return {
    small: one("reserve/small", "reserve, 4,000 rows, as new", { kind: "reserve", rows: spread }),
    large: one("reserve/large", `reserve, ${size}`, { kind: "reserve", rows: all }),
    largeMixed: one("mixed/large", `80 % availability, 20 % reserve, ${size}`, {
      kind: "mixed",
      rows: all,
    }),
    smallMixed: one("mixed/small", "80 % availability, 20 % reserve, 4,000 rows, as new", {
      kind: "mixed",
      rows: spread,
    }),
  };
}

export async function largeSqliteScene(options: Options, progress: Progress): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), "onhand-large-"));
  const url = `sqlite:${join(folder, "inventory.db")}`;
  try {
    const filled = await fillDatabase(url, options);
    progress(`filled a file: ${filled.megabytes} MB in ${filled.seconds} s`);
    const env = { DATABASE_URL: url, ONHAND_ADMIN_KEY: adminKey };
    const [large, small] = [await startOnhand(env), await startOnhand()];
    try {
      await stockUp(small, spread);
      const growth = growthAt("sqlite", "SQLite", options);
      const results = await together(
        [
          [[small], growth.small],
          [[large], growth.large],
          [[small], growth.smallMixed],
          [[large], growth.largeMixed],
        ],
        options,
        progress,
      );
      return {
        results,
        filled: [filled],
        startMs: { "sqlite, large": Math.round(large.startMs) },
        durability: { sqlite: sqliteDurability() },
      };
    } finally {
      await large.stop();
      await small.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function largePostgresScene(options: Options, progress: Progress): Promise<Seen> {
  const postgres = await startPostgres(asInstalled);
  try {
    const [small, large] = [await stockedDatabase(postgres), await postgres.newDatabase()];
    const filled = await fillDatabase(large, options);
    progress(`filled a database: ${filled.megabytes} MB in ${filled.seconds} s`);
    const growth = growthAt("postgres", "PostgreSQL", options);
    const results = await inTurn(
      [
        { start: () => instances(small, 1), measurements: [growth.small, growth.smallMixed] },
        { start: () => instances(large, 1), measurements: [growth.large, growth.largeMixed] },
      ],
      options,
      progress,
    );
    const { version, settings } = await postgresDurability(large);
    return {
      results,
      filled: [filled],
      durability: { postgres: settings },
      postgres: version,
    };
  } finally {
    await postgres.close();
  }
}
