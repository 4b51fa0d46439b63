// A day of a chain, played against a running server through its HTTP API alone: deliveries and counts in
// the morning, customers who reserve, pay, change their mind or forget, two sellers at one shelf, a flash
// sale of 100 units to 500 customers, transfers in the evening. The script keeps its own books and
// compares them with the server's at the end; then `onhand verify` checks the database.
//
//   npm start                               (in one terminal)
//   npm run --silent example:trading-day    (in another)
//
// ONHAND_URL (http://127.0.0.1:8080) and ONHAND_KEY (an admin key; else the one in data/admin.key).

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const base = `${process.env["ONHAND_URL"] ?? "http://127.0.0.1:8080"}/api/v1`;
const adminKey = process.env["ONHAND_KEY"] ?? keyFromFile();
const day = Date.now().toString(36);
const storeIds = ["MAD-001", "BCN-001", "VAL-001", "SEV-001"];
const productIds = Array.from({ length: 24 }, (_, n) => `day-${day}-${String(n).padStart(2, "0")}`);
const flashProduct = `day-${day}-flash`;
const shelfProduct = `day-${day}-shelf`;

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly etag: string | null;
  readonly retryAfterMs: number;
}

interface Call {
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const counted = { requests: 0, refused: 0, putOff: 0, slowestMs: 0 };

/** Ends the script with a sentence instead of a stack. */
function giveUp(reason: string): never {
  process.stderr.write(`trading-day: ${reason}\n`);
  process.exit(1);
}

function keyFromFile(): string {
  const path = join(process.env["ONHAND_DATA_DIR"] ?? "data", "admin.key");
  if (existsSync(path)) return readFileSync(path, "utf8").trim();
  return giveUp(`there is no ${path}. Start the service first (npm start), or set ONHAND_KEY`);
}

/** One call. A server that is too busy refuses before it does anything, and says when to come again. */
async function api(method: string, path: string, call: Call = {}): Promise<Answer> {
  for (;;) {
    const answer = await callOnce(method, path, call);
    if (answer.status < 500) return answer;
    if (answer.body["code"] !== "overloaded") {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    counted.putOff += 1;
    await pause(answer.retryAfterMs);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function callOnce(method: string, path: string, call: Call): Promise<Answer> {
  const startedAt = performance.now();
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      "X-API-Key": call.key ?? adminKey,
      ...(method === "GET" ? {} : { "Content-Type": "application/json" }),
      ...call.headers,
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  });
  const text = await response.text();
  counted.requests += 1;
  counted.slowestMs = Math.max(counted.slowestMs, performance.now() - startedAt);
  if (response.status >= 400 && response.status < 500) counted.refused += 1;
  return {
    status: response.status,
    body: text === "" ? {} : JSON.parse(text),
    etag: response.headers.get("etag"),
    retryAfterMs: Number(response.headers.get("retry-after") ?? 1) * 1000,
  };
}

async function accepted(method: string, path: string, call: Call = {}): Promise<Answer> {
  const answer = await api(method, path, call);
  if (answer.status >= 400) {
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  return answer;
}

/** Runs work for each item, `width` at a time. */
async function each<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, runner));
}

/** The script's own books: units that must be on hand, per product and store. */
const books = new Map<string, number>();
function book(productId: string, storeId: string, change: number): void {
  const row = `${productId}/${storeId}`;
  books.set(row, (books.get(row) ?? 0) + change);
}

const rows: [string, string, string][] = [];
function report(what: string, result: string, detail = ""): void {
  rows.push([what, result, detail]);
}

async function newKey(name: string, role: string, stores: readonly string[] | "*") {
  const { body } = await accepted("POST", "/api-keys", {
    body: { name: `${name}-${day}`, role, stores },
  });
  return { id: String(body["id"]), key: String(body["key"]) };
}

async function morning(): Promise<void> {
  await each([...productIds, flashProduct, shelfProduct], 8, async (id, index) => {
    const price = 10 + index + 0.95;
    await accepted("POST", "/products", {
      body: { id, sku: id.toUpperCase(), name: `Article ${index} of ${day}`, price },
    });
  });
  for (const store_id of storeIds) {
    const changes = productIds.map((product_id, index) => {
      const quantity_change = 20 + ((index * 7) % 30);
      book(product_id, store_id, quantity_change);
      return { product_id, store_id, quantity_change, reason: "RESTOCK", reference: `DN-${day}` };
    });
    await accepted("POST", "/stock/batch", { body: { changes } });
  }
  report("deliveries", `${productIds.length * storeIds.length} lines`, "one batch per store");
  let off = 0;
  await each(productIds.slice(0, 6), 4, async (product_id) => {
    const { body, etag } = await accepted("GET", `/stock/${product_id}/MAD-001`);
    const quantity = Number(body["quantity"]) - 1;
    await accepted("PUT", `/stock/${product_id}/MAD-001`, {
      body: { quantity, note: "morning count" },
      headers: { "If-Match": etag ?? "*" },
    });
    book(product_id, "MAD-001", -1);
    off += 1;
  });
  report("counts", `${off} shelves`, "each one unit short, set with If-Match");
}

interface Customers {
  paid: number;
  cancelled: number;
  forgotten: number;
  disappointed: number;
}

/** Customers look, reserve one or two units where they see some, and then pay, cancel or forget. */
async function customers(shopKey: string, count: number): Promise<void> {
  const seen: Customers = { paid: 0, cancelled: 0, forgotten: 0, disappointed: 0 };
  const people = Array.from({ length: count }, (_, n) => `customer-${day}-${n}`);
  await each(people, 24, async (customer_id, index) => {
    const product_id = productIds[(index * 5) % productIds.length] ?? "";
    const { body } = await accepted("GET", `/products/${product_id}/availability`, {
      key: shopKey,
    });
    const stores = body["stores"] as { store_id: string; available: number }[];
    const place = stores[index % stores.length];
    if (place === undefined) throw new Error(`${product_id} is in no store`);
    const forgets = index % 6 === 5;
    const quantity = 1 + (index % 2);
    const reserved = await api("POST", "/reservations", {
      key: shopKey,
      body: { product_id, store_id: place.store_id, quantity, customer_id, ttl: forgets ? 1 : 600 },
      headers: { "Idempotency-Key": `${customer_id}-reserve` },
    });
    if (reserved.status !== 201) {
      seen.disappointed += 1;
      return;
    }
    const path = `/reservations/${String(reserved.body["id"])}`;
    if (forgets) {
      seen.forgotten += 1;
    } else if (index % 6 === 4) {
      await accepted("POST", `${path}/cancel`, {
        key: shopKey,
        body: { reason: "found it cheaper" },
      });
      seen.cancelled += 1;
    } else {
      const once = { "Idempotency-Key": `${customer_id}-pay` };
      const first = await accepted("POST", `${path}/confirm`, { key: shopKey, headers: once });
      // The answer was lost, says the shop, and asks again: one sale, the same answer.
      const again = await accepted("POST", `${path}/confirm`, { key: shopKey, headers: once });
      if (JSON.stringify(first.body) !== JSON.stringify(again.body)) {
        throw new Error(`two answers for one payment: ${path}`);
      }
      book(product_id, place.store_id, -quantity);
      seen.paid += 1;
    }
  });
  report(
    "customers",
    `${count}`,
    `${seen.paid} paid (each asked twice), ${seen.cancelled} cancelled, ${seen.forgotten} forgot, ${seen.disappointed} found none`,
  );
}

/** Two sellers put units on one shelf at once: one by signed changes, one by counting with If-Match. */
async function oneShelf(sellers: readonly { key: string }[]): Promise<void> {
  const path = `/stock/${shelfProduct}/MAD-001`;
  const body = {
    product_id: shelfProduct,
    store_id: "MAD-001",
    initial_quantity: 0,
    reason: "INITIAL",
  };
  await accepted("POST", "/stock", { body });
  let conflicts = 0;
  const adds = async (key: string): Promise<void> => {
    for (let n = 0; n < 40; n += 1) {
      await accepted("POST", `${path}/adjust`, { key, body: { adjustment: 3, reason: "RETURN" } });
      book(shelfProduct, "MAD-001", 3);
    }
  };
  const counts = async (key: string): Promise<void> => {
    for (let n = 0; n < 40; n += 1) {
      for (;;) {
        const { body: row, etag } = await accepted("GET", path, { key });
        const answer = await api("PUT", path, {
          key,
          body: { quantity: Number(row["quantity"]) + 2, reason: "COUNT" },
          headers: { "If-Match": etag ?? "*" },
        });
        if (answer.status === 200) break;
        if (answer.status !== 412) throw new Error(`a count was answered ${answer.status}`);
        conflicts += 1;
      }
      book(shelfProduct, "MAD-001", 2);
    }
  };
  const [first, second] = sellers;
  if (first === undefined || second === undefined) throw new Error("two sellers are needed");
  await Promise.all([adds(first.key), counts(second.key)]);
  report("two sellers, one shelf", "80 changes", `${conflicts} stale counts refused and repeated`);
}

async function flashSale(shopKey: string): Promise<void> {
  const body = {
    product_id: flashProduct,
    store_id: "BCN-001",
    initial_quantity: 100,
    reason: "INITIAL",
  };
  await accepted("POST", "/stock", { body });
  book(flashProduct, "BCN-001", 100);
  const startedAt = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 500 }, (_, n) =>
      api("POST", "/reservations", {
        key: shopKey,
        body: {
          product_id: flashProduct,
          store_id: "BCN-001",
          quantity: 1,
          customer_id: `flash-${day}-${n}`,
        },
        headers: { "Idempotency-Key": `flash-${day}-${n}` },
      }),
    ),
  );
  const won = answers.filter(({ status }) => status === 201);
  const lost = answers.filter(({ body: problem }) => problem["code"] === "insufficient_stock");
  if (won.length !== 100 || lost.length !== 400) {
    throw new Error(`the flash sale gave ${won.length} holds and ${lost.length} refusals`);
  }
  const ms = Math.round(performance.now() - startedAt);
  await each(won, 16, async ({ body: hold }) => {
    await accepted("POST", `/reservations/${String(hold["id"])}/confirm`, { key: shopKey });
    book(flashProduct, "BCN-001", -1);
  });
  report("flash sale", "100 of 500", `400 told there is none left, all within ${ms} ms`);
}

async function evening(): Promise<void> {
  const moved = productIds.slice(0, 8);
  await each(moved, 4, async (product_id) => {
    await accepted("POST", "/stock/transfer", {
      body: { product_id, from_store_id: "SEV-001", to_store_id: "MAD-001", quantity: 2 },
    });
    book(product_id, "SEV-001", -2);
    book(product_id, "MAD-001", 2);
  });
  report("transfers", `${moved.length}`, "Sevilla to Madrid, two units each");
}

/** Forgotten reservations end by themselves; then nothing of this day is reserved any more. */
async function settle(): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    let reserved = 0;
    for (const id of [...productIds, flashProduct]) {
      const { body } = await accepted("GET", `/stock/product/${id}`);
      reserved += Number(body["total_reserved"]);
    }
    if (reserved === 0) break;
    if (performance.now() - startedAt > 20_000)
      throw new Error(`${reserved} units never came back`);
    await pause(100);
  }
  report("forgotten holds", "all expired", "their units are available again");
}

async function compareBooks(): Promise<void> {
  let wrong = 0;
  for (const [row, expected] of books) {
    const { body } = await accepted("GET", `/stock/${row}`);
    if (body["quantity"] === expected && body["reserved"] === 0) continue;
    wrong += 1;
    process.stdout.write(`${row}: the books say ${expected}, the server ${JSON.stringify(body)}\n`);
  }
  if (wrong > 0) throw new Error(`${wrong} rows differ from the books`);
  report("books against server", `${books.size} rows`, "no difference");
}

function verify(): void {
  const cli = join(import.meta.dirname, "..", "src", "cli", "onhand.js");
  const database = process.env["DATABASE_URL"] ?? `sqlite:${join("data", "inventory.db")}`;
  const path = database.replace(/^sqlite:/, "");
  if (!/^postgres(?:ql)?:/.test(path) && !existsSync(path)) {
    report("verify", "left out", `the server's database is not at ${path}: run it there`);
    return;
  }
  const done = spawnSync(process.execPath, [cli, "verify"], {
    env: { ...process.env, DATABASE_URL: database },
    encoding: "utf8",
  });
  if (done.status !== 0) throw new Error(`verify: ${done.stdout}${done.stderr}`);
  report("verify", "passed", done.stdout.trim().split(": ").at(-1));
}

async function playDay(): Promise<void> {
  const startedAt = performance.now();
  const shop = await newKey("web-shop", "channel", "*");
  const sellers = [
    await newKey("seller-one", "vendor", ["MAD-001"]),
    await newKey("seller-two", "vendor", ["MAD-001"]),
  ];
  await morning();
  await customers(shop.key, 360);
  await oneShelf(sellers);
  await flashSale(shop.key);
  await evening();
  await settle();
  await compareBooks();
  for (const { id } of [shop, ...sellers]) await accepted("DELETE", `/api-keys/${id}`);
  verify();
  const { requests, refused, putOff, slowestMs } = counted;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const busy = putOff === 0 ? "" : `, ${putOff} put off while the server was busy`;
  report(
    "the day",
    `${requests} requests`,
    `${seconds} s, ${refused} refused as they should be, slowest ${Math.round(slowestMs)} ms${busy}`,
  );
  for (const [what, result, detail] of rows) {
    process.stdout.write(`${what.padEnd(24)}${result.padEnd(16)}${detail}\n`);
  }
}

await playDay().catch((error: unknown) => {
  if (!(error instanceof Error)) throw error;
  // What fetch throws says why in its cause only.
  if (!(error.cause instanceof Error)) return giveUp(error.message);
  return giveUp(`${error.cause.message}. Is the service running at ${base}?`);
});
