// The programs of the client's README, run one after the other by Node against the real service: each does what the
// text beside it says.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { runProgram } from "../../test/support/instance.ts";
import { blockAt } from "../../test/support/pasted.ts";
import { sdkFolder } from "./compile.ts";
import { openShop, type Shop } from "./shop.ts";

const source = join(sdkFolder, "src/client.ts");

/** What its reader has already. */
const opening = `import { createClient, isOnhandError } from "@onhand/client";
const client = createClient({ baseUrl: "http://127.0.0.1:8080", apiKey: process.env.ONHAND_API_KEY });
`;

describe("the programs of the README", () => {
  const folder = mkdtempSync(join(tmpdir(), "onhand-readme-"));
  let shop: Shop;
  before(() => writeFileSync(join(folder, "package.json"), '{ "type": "module" }'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async (t) => {
    shop = await openShop();
    if ("after" in t) t.after(() => shop.close());
  });

  /** What it prints; it ends well. */
  async function run(program: string): Promise<string[]> {
    const file = join(folder, "program.ts");
    const text = program
      .replaceAll('"@onhand/client"', JSON.stringify(source))
      .replaceAll("http://127.0.0.1:8080", shop.url);
    writeFileSync(file, text);
    const env = { ONHAND_API_KEY: shop.keys.admin };
    const { code, stdout, stderr } = await runProgram([file], folder, env);
    assert.equal(code, 0, stderr);
    return stdout.trim().split("\n");
  }
  const available = async (store: string): Promise<number> =>
    (await shop.client.stock.get("mug", store)).available;

  test("the first shows what there is, sells one, and says when there are none left", async () => {
    const program = blockAt("sdk/README.md", "import { createClient, InsufficientStock }");
    const sold = await run(program);
    assert.deepEqual(sold, ["[ 'Barcelona: 50', 'Madrid Centro: 49' ]"]);
    const { quantity, reserved } = await shop.client.stock.get("mug", "BCN-001");
    assert.deepEqual({ quantity, reserved }, { quantity: 49, reserved: 0 });
    await shop.client.stock.set("mug", "BCN-001", { quantity: 0 });
    assert.equal((await run(program)).at(-1), "only 0 left");
  });

  test("lists are gone through, and by pages", async () => {
    const program = blockAt("sdk/README.md", "for await (const product of");
    const pages = "console.log(page.items.length, page.next_cursor, next.items.length);";
    const said = await run(`${opening}${program}${pages}`);
    assert.deepEqual(said, ["Mug", "Bowl", "2 null 2"]);
  });

  test("a write under a key of its own is done once, however often it is run", async () => {
    const program = blockAt("sdk/README.md", "await client.stock.change(delivery");
    const delivery = {
      product_id: "mug",
      store_id: "BCN-001",
      quantity_change: 5,
      reason: "RESTOCK",
      reference: "DN-1",
    };
    const before = await available("BCN-001");
    for (let time = 0; time < 2; time += 1) {
      await run(`${opening}const delivery = ${JSON.stringify(delivery)};\n${program}`);
    }
    assert.equal(await available("BCN-001"), before + 5);
  });

  test("an error is known by its code, with the facts of that", async () => {
    const program = opening + blockAt("sdk/README.md", "try {\n  await client.products.create");
    assert.deepEqual(await run(program), [""]);
    const { id } = await shop.client.products.bySku("MUG-1");
    assert.deepEqual(await run(program), [`that is ${id}`]);
  });

  test("a subscription shows each change once, after the place that was kept", async () => {
    const program = blockAt("sdk/README.md", "const subscription = client.events.subscribe");
    const { head_seq: head, epoch } = await shop.client.events.list().page();
    for (const [store, adjustment] of [
      ["MAD-001", 3],
      ["BCN-001", 4],
      ["MAD-001", -1],
    ] as const) {
      await shop.client.stock.adjust("mug", store, { adjustment, reason: "CORRECTION" });
    }
    const own = `${opening}
const place = "${epoch}.${head}";
const kept = [];
const show = async (product, { quantity }) => console.log(product, quantity);
const banner = (state) => console.log(state);
const readEverythingAnew = () => console.log("anew");
const keep = async (at) => {
  kept.push(at);
  if (kept.length === 2) subscription.close();
};
`;
    const said = await run(`${own}${program}await subscription.closed;\nconsole.log(kept.join());`);
    assert.deepEqual(said, [
      "connecting",
      "open",
      "mug 53",
      "mug 52",
      "closed",
      `${epoch}.${head + 1},${epoch}.${head + 3}`,
    ]);
  });
});
