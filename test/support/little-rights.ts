// PostgreSQL and Redis with accounts that may do as little as docs/security.md says, made by its own statements.

import { blockAt, paste } from "./pasted.ts";
import { type Postgres, query } from "./postgres.ts";
import { superuser } from "./postgres-programs.ts";
import type { RedisServer } from "./redis.ts";

export const owner = { name: "onhand_owner", password: "change-me" };
export const serving = { name: "onhand_service", password: "change-me-too" };

/** The same database, as this user. */
export function asUser(url: string, { name, password }: typeof owner): string {
  return url.replace(`//${superuser}@`, `//${name}:${password}@`);
}

/** The statements of the first block; answers the database, as the administrator has it. */
export async function makeOwnersDatabase(server: Postgres): Promise<string> {
  // One at a time: a database is made in no transaction.
  for (const statement of blockAt("docs/security.md", "CREATE ROLE onhand_owner")
    .trim()
    .split("\n")) {
    await query(server.url, statement);
  }
  return server.urlOf("onhand");
}

export async function giveRights(url: string): Promise<void> {
  await query(asUser(url, owner), blockAt("docs/security.md", "REVOKE CREATE ON SCHEMA public"));
}

/** Both users of Redis; answers the addresses by which they come. */
export async function makeRedisUsers(
  redis: RedisServer,
  folder: string,
): Promise<{ readonly service: string; readonly consumer: string }> {
  for (const command of [
    blockAt("docs/security.md", "redis-cli -u redis://127.0.0.1:6379 ACL SETUSER onhand "),
    blockAt("docs/security.md", "redis-cli -u redis://127.0.0.1:6379 ACL SETUSER balances "),
  ]) {
    const { code, stdout, stderr } = await paste(
      command.replace("redis://127.0.0.1:6379", redis.url),
      { folder, env: { PATH: process.env["PATH"] }, limitMs: 20_000 },
    );
    if (code !== 0 || stdout.trim() !== "OK") throw new Error(stdout + stderr);
  }
  const as = (user: string): string => redis.url.replace("//", `//${user}:change-me@`);
  return { service: as("onhand"), consumer: as("balances") };
}
