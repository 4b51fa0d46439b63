// Two instances with accounts that may do as little as docs/security.md says, in PostgreSQL and in Redis: they do all
// their work, and neither server has refused them anything but what the page says.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { newSecret } from "../../src/lib/ids.ts";
import {
  ask,
  type Instance,
  newFolder,
  program,
  runOnhand,
  startInstance,
  unlimited,
} from "../support/instance.ts";
import {
  asUser,
  giveRights,
  makeOwnersDatabase,
  makeRedisUsers,
  owner,
  serving,
} from "../support/little-rights.ts";
import { blockAt, paste } from "../support/pasted.ts";
import { type Postgres, query, startPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { openReceiver, type Receiver } from "../support/receiver.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { listOf } from "../support/shop.ts";
import { until } from "../support/until.ts";

const prefix = "onhand:";
const skip = noPostgres || noRedis;

describe("a service with few rights", { skip, timeout: 240_000 }, () => {
  let server: Postgres;
  let redis: RedisServer;
  let receiver: Receiver;
  let consumer: string;
  let database: string;
  let env: Readonly<Record<string, string>>;
  const instances: Instance[] = [];

  before(async () => {
    [server, redis, receiver] = await Promise.all([startPostgres(), startRedis(), openReceiver()]);
    const users = await makeRedisUsers(redis, newFolder());
    consumer = users.consumer;
    database = await makeOwnersDatabase(server);
    env = {
      ...unlimited,
      DATABASE_URL: asUser(database, serving),
      REDIS_URL: users.service,
      REDIS_PREFIX: prefix,
      ONHAND_ADMIN_KEY: newSecret(),
      ONHAND_DEMO: "on",
      WEBHOOKS_ALLOW_PRIVATE: "on",
      RATE_LIMIT_CALLER: "100000",
    };
  });
  after(async () => {
    await Promise.all(instances.map((one) => one.stop()));
    await Promise.all([server.close(), redis.close(), receiver.close()]);
  });

  test("does not start before the owner has made the schema, and says why", async () => {
    const { code, stderr, stdout } = await runOnhand(["serve"], { env: { ...env, PORT: "0" } });
    assert.equal(code, 1);
    assert.match(stderr + stdout, /permission denied/);
  });

  test("starts twice after the owner has", async () => {
    const command = blockAt("docs/security.md", "DATABASE_URL=postgres://onhand_owner:")
      .replace("127.0.0.1:5432", `127.0.0.1:${server.port}`)
      .replace("onhand migrate", `"${process.execPath}" "${program}" migrate`);
    assert.ok(command.includes(asUser(database, owner)));
    const where = { folder: newFolder(), env: { PATH: process.env["PATH"] }, limitMs: 60_000 };
    const { code, stderr } = await paste(command, where);
    assert.equal(code, 0, stderr);
    await giveRights(database);
    instances.push(await startInstance({ env }), await startInstance({ env }));
  });

  test("sells, holds, counts, tells and signs in", async () => {
    const [one, other] = instances as [Instance, Instance];
    const well = async (at: Instance, method: string, path: string, body?: object) => {
      const told = await ask(at, method, path, body);
      assert.ok(told.status < 300, `${method} ${path}: ${told.status} ${told.text}`);
      return told.body;
    };
    const hook = await well(one, "POST", "/webhooks", { url: `${receiver.url}/` });
    await well(one, "POST", "/products", { id: "mug", sku: "MUG", name: "Mug", price: 9 });
    await well(other, "POST", "/stores", { id: "VLC-001", name: "Valencia", city: "Valencia" });
    for (const store of ["MAD-001", "VLC-001"]) {
      const row = { product_id: "mug", store_id: store, initial_quantity: 20 };
      await well(one, "POST", "/stock", row);
    }
    const hold = { product_id: "mug", store_id: "MAD-001", quantity: 2, customer_id: "c", ttl: 60 };
    for (const [id, action] of [
      ["a", "confirm"],
      ["b", "cancel"],
      ["c", "extend"],
    ] as const) {
      await well(one, "POST", "/reservations", { id, ...hold });
      const body = action === "extend" ? { ttl: 90 } : undefined;
      await well(other, "POST", `/reservations/${id}/${action}`, body);
    }
    await well(one, "POST", "/reservations", { id: "d", ...hold, ttl: 1 });
    const lines = [
      { product_id: "mug", store_id: "MAD-001", quantity: 1 },
      { product_id: "mug", store_id: "VLC-001", quantity: 1 },
    ];
    const group = await well(one, "POST", "/reservations", { customer_id: "c", lines, ttl: 60 });
    await well(other, "POST", `/reservation-groups/${String(group["group_id"])}/confirm`);
    await well(other, "POST", "/stock/mug/MAD-001/adjust", { adjustment: 1, reason: "COUNT" });
    await well(other, "PATCH", "/products/mug", { description: "blue" });
    await well(one, "GET", "/products/mug/availability");
    await well(other, "GET", "/products/mug/availability");
    const made = await well(one, "POST", "/api-keys", {
      name: "till",
      role: "vendor",
      stores: ["MAD-001"],
    });
    await well(other, "DELETE", `/api-keys/${String(made["id"])}`);
    const signedIn = await fetch(`${one.url}/api/v1/auth/session`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: one.url },
      body: JSON.stringify({ key: one.key }),
    });
    assert.equal(signedIn.status, 201, await signedIn.text());
    const cookie = signedIn.headers
      .getSetCookie()
      .map((one) => one.split(";")[0])
      .join("; ");
    const session = async (at: Instance, method: string): Promise<number> =>
      (
        await fetch(`${at.url}/api/v1/auth/session`, {
          method,
          headers: { cookie, origin: at.url },
        })
      ).status;
    assert.equal(await session(other, "GET"), 200);
    assert.equal(await session(one, "DELETE"), 204);
    assert.equal(await session(other, "GET"), 401);
    await until(
      async () => (await well(one, "GET", "/reservations/d"))["status"] === "EXPIRED",
      "a hold ends",
    );
    const { head_seq: head } = await well(one, "GET", "/events");
    const range = { stream: "again", from_seq: 1, to_seq: Number(head) };
    assert.equal((await well(one, "POST", "/events/replay", range))["published"], Number(head));
    await until(
      async () =>
        (await well(one, "GET", `/webhooks/${String(hook["id"])}`))["behind_events"] === 0,
      "the webhook has all",
    );
    assert.ok(receiver.got.length > 10);
    await well(one, "DELETE", `/webhooks/${String(hook["id"])}`);
    const length = async (): Promise<number> =>
      Number(await redis.ask("XLEN", `${prefix}inventory-events`));
    await until(async () => (await length()) >= Number(head), "all is in Redis");
    // The marks of what Redis has, which are the only change of an event.
    await until(
      async () => {
        const [row] = await query(
          database,
          "SELECT count(*)::int AS n FROM events WHERE synced = 0",
        );
        return row?.["n"] === 0;
      },
      "it is marked as published",
      30_000,
    );
  });

  test("its audit, its repair, its keys and doctor do with these rights, too", async () => {
    for (const args of [
      ["verify"],
      ["verify", "--repair", "--write", "--reason", "test"],
      ["keys", "list"],
    ]) {
      const { code, stderr, stdout } = await runOnhand(args, { env });
      assert.equal(code, 0, `${args.join(" ")}: ${stderr}${stdout}`);
    }
    const { stdout } = await runOnhand(["doctor", "--json"], {
      env: { ...env, ONHAND_URL: instances[0]?.url ?? "" },
    });
    const findings = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const errors = findings.filter(({ level }) => level === "error");
    assert.deepEqual(errors, []);
    const after = await ask(instances[0] as Instance, "GET", "/events?limit=500");
    assert.ok(listOf(after.body).length > 10);
  });

  test("a consumer reads the events and keeps its place, and comes to nothing else", async () => {
    const stream = `${prefix}inventory-events`;
    const cli = async (...args: string[]): Promise<string> => {
      const words = args.map((word) => `'${word}'`).join(" ");
      const where = { folder: newFolder(), env: { PATH: process.env["PATH"] }, limitMs: 20_000 };
      return (await paste(`redis-cli --no-auth-warning -u ${consumer} ${words}`, where)).stdout;
    };
    assert.match(await cli("XGROUP", "CREATE", stream, "balances", "0"), /OK/);
    assert.match(
      await cli("XREADGROUP", "GROUP", "balances", "m", "COUNT", "1", "STREAMS", stream, ">"),
      /event_type/,
    );
    const [id = ""] =
      /\d+-1\b/.exec(await cli("XREAD", "COUNT", "1", "STREAMS", stream, "0")) ?? [];
    assert.match(await cli("XACK", stream, "balances", id), /^1/);
    assert.match(await cli("XAUTOCLAIM", stream, "balances", "m", "0", "0"), /0-0/);
    for (const refused of [
      ["XADD", stream, "*", "a", "b"],
      ["XTRIM", stream, "MAXLEN", "0"],
      ["DEL", stream],
      ["XREAD", "STREAMS", `${prefix}~session-mark`, "0"],
      ["GET", `${prefix}~session-mark`],
      ["KEYS", "*"],
      ["CONFIG", "GET", "requirepass"],
    ]) {
      assert.match(await cli(...refused), /NOPERM/, refused.join(" "));
    }
  });

  test("nothing else was refused to the service by either server", async () => {
    const denied = server.log().match(/.*permission denied.*/g) ?? [];
    // The start before there was a schema.
    assert.deepEqual(
      [...new Set(denied.map((line) => line.replace(/.*ERROR: +| at character \d+$/g, "")))],
      ["permission denied for schema public"],
    );
    // Each entry is a list of names and values, or a map of them, as the protocol has it.
    const log = JSON.stringify(await redis.ask("ACL", "LOG", "1000"));
    const objects = Array.from(
      log.matchAll(/"object"[:,]"([^"]*)","username"[:,]"onhand"/g),
      ([, what]) => what,
    );
    // What the client of Redis says of itself, and does without; older servers do not know the word.
    const refused = new Set(objects.filter((what) => what !== "client|setinfo"));
    assert.deepEqual([...refused], ["config|get"]);
    for (const one of instances) assert.doesNotMatch(one.output(), /permission|NOPERM/i);
  });
});
