// How much is loaded, how soon it can be used, and whether the big grid stays smooth, in a real browser with real data:
// BROWSER_PRODUCTS says how many products (5,000 in `npm run test:long`), in 20 stores each.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { type House, openHouse } from "./support/house.ts";

const products = Number(process.env["BROWSER_PRODUCTS"] ?? 1_000);
const stores = 20;
/** Promised: gzip bytes of script until the overview is there. */
const scriptBytesMax = 250_000;
const framesScrolled = 100;
/** Processor time of the main thread for one frame, ms. */
const frameMsMax = 50;

describe("speed", () => {
  let house: House;
  before(async () => {
    house = await openHouse({ ONHAND_DEMO: "off" });
    await fill(house);
  });
  after(() => house.close());

  test("sign-in and overview load at most 250 kB of script, and can be used at once", async (t) => {
    const { page, go } = await house.person(t, { isSignedIn: false });
    // Only their addresses: a browser forgets the body of an answer when its page is left.
    const scripts = new Set<string>();
    page.on("response", (response) => {
      if (response.url().endsWith(".js")) scripts.add(response.url());
    });
    await page.reload();
    await page.getByLabel("API key or token").waitFor();
    const signInMs = await page.evaluate(() => performance.now());
    await page.getByLabel("API key or token").fill(house.service().key);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 2 }).waitFor();
    const overviewMs = await page.evaluate(() => performance.now());
    const sizes = await Promise.all([...scripts].map(gzipBytes));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    t.diagnostic(
      `${bytes} bytes of script (gzip) in ${scripts.size} files; sign-in can be used after ${Math.round(signInMs)} ms, the overview ${Math.round(overviewMs)} ms after its page began to load`,
    );
    assert.ok(bytes > 50_000 && bytes <= scriptBytesMax, `${bytes} bytes`);
    await go("/");
  });

  test(`a grid of ${products} products in ${stores} stores is scrolled without a long stop`, async (t) => {
    const { page, go } = await house.person(t);
    await go("/stock");
    const grid = page.getByRole("grid");
    await grid.getByRole("row").nth(5).waitFor();
    const workedMs = await openProcessorTime(page);
    const before = await workedMs();
    const frames = await grid.evaluate(async (element, count) => {
      const box = [element, ...element.querySelectorAll("*")].find(
        (one) => one.scrollHeight > one.clientHeight + 100,
      );
      if (box === undefined) throw new Error("nothing scrolls");
      const gaps: number[] = [];
      let last = performance.now();
      await new Promise<void>((resolve) => {
        const step = (now: number): void => {
          gaps.push(now - last);
          last = now;
          box.scrollTop += 60;
          if (gaps.length < count) requestAnimationFrame(step);
          else resolve();
        };
        requestAnimationFrame(step);
      });
      return { gaps: gaps.slice(1), scrolled: box.scrollTop };
    }, framesScrolled);
    const perFrame = ((await workedMs()) - before) / framesScrolled;
    const sorted = frames.gaps.toSorted((a, b) => a - b);
    const at = (share: number): number =>
      Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
    t.diagnostic(
      `${sorted.length} frames over ${Math.round(frames.scrolled)} pixels: ${perFrame.toFixed(1)} ms of the main thread each; by the clock median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${Math.round(sorted.at(-1) ?? 0)} ms`,
    );
    assert.equal(frames.scrolled, 60 * framesScrolled, "it was scrolled");
    assert.ok(perFrame > 0 && perFrame <= frameMsMax, `a frame takes ${perFrame} ms`);
    assert.ok((await grid.getByRole("row").count()) < 100, "what is out of sight is not there");
  });
});

/** Of the main thread since the page began: by the clock, frames are also late by what else the machine does. */
async function openProcessorTime(page: Page): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    const found = metrics.find(({ name }) => name === "TaskDuration");
    assert.ok(found !== undefined);
    return found.value * 1_000;
  };
}

async function gzipBytes(address: string): Promise<number> {
  const answer = await fetch(address);
  assert.equal(answer.status, 200, address);
  return gzipSync(await answer.bytes(), { level: 9 }).length;
}

async function fill({ admin }: House): Promise<void> {
  const storeIds = Array.from({ length: stores }, (_, n) => `S-${String(n + 1).padStart(2, "0")}`);
  for (const id of storeIds) await admin.stores.create({ id, name: `Store ${id}` });
  const ids = Array.from({ length: products }, (_, n) => `p-${String(n).padStart(5, "0")}`);
  for (let from = 0; from < ids.length; from += 50) {
    const some = ids.slice(from, from + 50);
    await Promise.all(
      some.map((id) => admin.products.create({ id, sku: id, name: `Product ${id}`, price: 9.5 })),
    );
    const changes = some.flatMap((product_id) =>
      storeIds.map((store_id) => ({
        product_id,
        store_id,
        quantity_change: 10,
        reason: "RESTOCK" as const,
      })),
    );
    await admin.stock.batch({ changes });
  }
}
