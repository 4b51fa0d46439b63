// Every page, in both schemes and sizes and in both languages: it is there, its browser has nothing to complain of,
// axe-core finds nothing, nothing sticks out sideways. Pictures are left in console/screenshots, to be looked at.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { openReceiver, type Receiver } from "../../test/support/receiver.ts";
import { until } from "../../test/support/until.ts";
import {
  demo,
  fillDay,
  type House,
  openHouse,
  type PersonOptions,
  screenshots,
  signIn,
} from "./support/house.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Where each page is, and what is there when it is whole. */
const pages: Record<string, readonly [address: string, shows: string]> = {
  overview: ["/", "Logitech C920 HD webcam"],
  stock: ["/stock", "Logitech C920 HD webcam"],
  "stock-row": [`/stock/${demo.laptop}/BCN-001`, "system:first-start"],
  store: ["/store/MAD-001", "PROD-005"],
  reservations: ["/reservations", "maria@example.com"],
  products: ["/products", "PROD-005"],
  stores: ["/stores", "SEV-001"],
  import: ["/import", "CSV"],
  events: ["/events", "stock.transferred"],
  webhooks: ["/webhooks", "answered 503"],
  administration: ["/administration", "vendor-1"],
};

/** Where the pictures of docs/console.md are to be renewed: TOUR_FOLDER=docs/console. */
const tourFolder = process.env["TOUR_FOLDER"];
const tour: Readonly<Record<string, string>> = {
  "overview-desktop-light-en": "overview.png",
  "stock-desktop-light-en": "stock.png",
  "stock-row-desktop-light-en": "stock-row.png",
  "store-tablet-dark-en": "store.png",
  "reservations-desktop-light-en": "reservations.png",
  "events-desktop-light-en": "events.png",
};

const looks = [
  { language: "en", scheme: "light", size: "desktop" },
  { language: "es", scheme: "dark", size: "desktop" },
  { language: "es", scheme: "light", size: "tablet" },
  { language: "en", scheme: "dark", size: "tablet" },
] as const satisfies readonly PersonOptions[];

describe("every page", () => {
  let house: House;
  let receiver: Receiver;
  before(async () => {
    house = await openHouse({ WEBHOOKS_ALLOW_PRIVATE: "on" });
    receiver = await openReceiver();
    pages["webhook"] = [`/webhooks/${await addWebhooks(house, receiver)}`, "answered 503"];
    await fillDay(house);
    mkdirSync(screenshots, { recursive: true });
  });
  after(async () => {
    await house.close();
    await receiver.close();
  });

  for (const look of looks) {
    const name = `${look.size}-${look.scheme}-${look.language}`;
    test(name, async (t) => {
      const { page, errors, go } = await house.person(t, { ...look, isSignedIn: false });
      await page.getByRole("heading", { level: 1 }).waitFor();
      await mustBeFine(page, errors, `sign-in-${name}`);
      await signIn(page, house.service().key);
      for (const [which, [address, shows]] of Object.entries(pages)) {
        await t.test(which, async () => {
          await go(address);
          await page.getByRole("heading", { level: 2 }).first().waitFor();
          await page.getByText(shows).first().waitFor();
          await page.waitForFunction(isWhole);
          await mustBeFine(page, errors.splice(0), `${which}-${name}`);
        });
      }
    });
  }
});

/** One that has everything, one that is paused and one that fails, whose id it answers. */
async function addWebhooks({ admin }: House, receiver: Receiver): Promise<string> {
  receiver.answer = (response, { path }) => response.writeHead(path === "/shop" ? 503 : 204).end();
  const types = ["stock.low", "stock.out", "stock.back"] as const;
  const description = "Orders from suppliers";
  await admin.webhooks.create({ url: `${receiver.url}/erp`, description });
  const paused = await admin.webhooks.create({
    url: `${receiver.url}/search`,
    stores: ["MAD-001"],
  });
  await admin.webhooks.change(paused.id, { state: "paused" });
  const failing = await admin.webhooks.create({
    ...{ url: `${receiver.url}/shop`, types: [...types, "stock.created"] },
    ...{ stores: ["MAD-001", "BCN-001"], after_seq: 0 },
  });
  await admin.webhooks.test(failing.id);
  await admin.webhooks.rotateSecret(failing.id, {});
  const failed = async () => (await admin.webhooks.get(failing.id)).last_error !== null;
  await until(failed, "it is refused");
  return failing.id;
}

/** Whether nothing of the page is still on its way. */
function isWhole(): boolean {
  return document.querySelector(".mantine-Skeleton-root, .mantine-Loader-root") === null;
}

async function mustBeFine(page: Page, errors: readonly string[], name: string): Promise<void> {
  const path = join(screenshots, `${name}.png`);
  await page.screenshot({ path });
  const [, toured] = Object.entries(tour).find(([picture]) => picture === name) ?? [];
  if (toured !== undefined && tourFolder !== undefined)
    copyFileSync(path, join(tourFolder, toured));
  assert.deepEqual(errors, []);
  const over = await page.evaluate(() => document.body.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${over} pixels stick out sideways`);
  assert.deepEqual(await violations(page), []);
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Serious and critical ones, in words. The page's policy lets no script in, so it is run from outside. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = (await page.evaluate("axe.run()")) as { readonly violations: readonly Violation[] };
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
}
