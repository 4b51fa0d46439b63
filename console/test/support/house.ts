// A service as its users have it, and people in front of it: each in a browser of their own, signed in with a key of
// their role. Where a test fails, what each of them saw is kept in console/screenshots/failures, with a trace
// (`npx playwright-core show-trace FILE`).

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Client, createClient, type Role } from "@onhand/client";
import type { BrowserContext, Page } from "playwright-core";
import { type Environment, type Instance, startInstance } from "../../../test/support/instance.ts";
import { repositoryRoot } from "../../../test/support/source-tree.ts";
import { closeBrowser, theBrowser } from "./chromium.ts";

export const sizes = {
  desktop: { width: 1280, height: 800 },
  tablet: { width: 820, height: 1180 },
} as const;
export type Size = keyof typeof sizes;

export const screenshots = join(repositoryRoot, "console/screenshots");

export interface PersonOptions {
  readonly role?: Role;
  /** Of the role; all where nothing is said. */
  readonly stores?: readonly string[];
  readonly language?: "en" | "es";
  readonly size?: Size;
  readonly scheme?: "light" | "dark";
  /** false: stays at the sign-in. */
  readonly isSignedIn?: boolean;
}

export interface Person {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of the page: scripts that threw, and what its policy or the service refused. */
  readonly errors: string[];
  /** Goes to a page of the console by its address behind #. */
  go(address: string): Promise<void>;
}

export interface House {
  readonly url: string;
  /** Who may do everything, beside the browser. */
  readonly admin: Client;
  readonly service: () => Instance;
  /** A key of that role, as an administrator makes it. */
  newKey(role: Role, stores?: readonly string[]): Promise<string>;
  /** Sits down before a browser of their own; leaves at the end of the test. */
  person(t: TestContext, options?: PersonOptions): Promise<Person>;
  /** Ends the service, and starts it again where it was when `back` is called. */
  away(): Promise<{ readonly back: () => Promise<void> }>;
  close(): Promise<void>;
}

export async function openHouse(env: Environment = {}): Promise<House> {
  // Tests are many people at one address.
  const settings = { RATE_LIMIT_ANONYMOUS: "0", LOG_LEVEL: "warn", ...env };
  let service = await startInstance({ env: settings });
  const { url, key, folder } = service;
  const port = new URL(url).port;
  const admin = createClient({ baseUrl: url, apiKey: key });
  let keys = 0;

  const house: House = {
    url,
    admin,
    service: () => service,
    async newKey(role, stores) {
      keys += 1;
      const scope = stores === undefined ? ("*" as const) : [...stores];
      const made = await admin.keys.create({ name: `${role}-${keys}`, role, stores: scope });
      return made.key;
    },
    async person(t, options = {}) {
      const { role = "admin", stores, language = "en", size = "desktop" } = options;
      const browser = await theBrowser();
      const context = await browser.newContext({
        viewport: sizes[size],
        hasTouch: size === "tablet",
        locale: language === "es" ? "es-ES" : "en-GB",
        colorScheme: options.scheme ?? "light",
        // Nothing that moves, so that pictures are of what is there.
        reducedMotion: "reduce",
      });
      await context.tracing.start({ screenshots: true, snapshots: true });
      const page = await context.newPage();
      const errors = errorsOf(page);
      t.after(() => leave(t, context, page));
      const person: Person = {
        page,
        context,
        errors,
        async go(address) {
          await page.goto(`${url}/#${address}`);
        },
      };
      await page.goto(url);
      if (options.isSignedIn !== false) {
        await signIn(page, role === "admin" ? key : await house.newKey(role, stores));
      }
      return person;
    },
    async away() {
      await service.kill();
      return {
        async back() {
          service = await startInstance({ env: { ...settings, PORT: port }, folder });
        },
      };
    },
    async close() {
      await closeBrowser();
      await service.stop();
    },
  };
  return house;
}

export async function signIn(page: Page, secret: string): Promise<void> {
  await page.getByLabel(/API key or token|Clave de API o token/).fill(secret);
  await page.getByRole("button", { name: /^(Sign in|Entrar)$/ }).click();
  await page.getByRole("navigation").waitFor({ state: "attached" });
}

function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // Asking who is signed in, before anyone is, is answered 401; the browser says so by itself.
    if (message.type() === "error" && !/status of (401|409)/.test(message.text())) {
      errors.push(message.text());
    }
  });
  return errors;
}

let failures = 0;

async function leave(t: TestContext, context: BrowserContext, page: Page): Promise<void> {
  if (!t.passed) {
    const folder = join(screenshots, "failures");
    mkdirSync(folder, { recursive: true });
    failures += 1;
    const name = `${t.name.replace(/\W+/g, "-").slice(0, 60)}-${failures}`;
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await context.tracing.stop({ path: join(folder, `${name}.zip`) });
    t.diagnostic(`what was seen: console/screenshots/failures/${name}.png and .zip`);
  }
  await context.close();
}

/** The products of the demo catalogue. */
export const demo = {
  laptop: "550e8400-e29b-41d4-a716-446655440000",
  mouse: "550e8400-e29b-41d4-a716-446655440001",
  keyboard: "550e8400-e29b-41d4-a716-446655440002",
  monitor: "550e8400-e29b-41d4-a716-446655440003",
  webcam: "550e8400-e29b-41d4-a716-446655440004",
} as const;

/** Something on every page: reservations of each kind, a basket, a transfer, what runs low, keys. */
export async function fillDay(house: House): Promise<void> {
  const { admin } = house;
  const hold = (product_id: string, store_id: string, customer_id: string, ttl: number) =>
    admin.reservations.create({ product_id, store_id, customer_id, quantity: 1, ttl });
  await hold(demo.mouse, "MAD-001", "maria@example.com", 540);
  await hold(demo.webcam, "MAD-001", "jorge@example.com", 3_600);
  const sold = await hold(demo.keyboard, "BCN-001", "lucia@example.com", 600);
  await admin.reservations.confirm(sold.id);
  const left = await hold(demo.monitor, "VAL-001", "pablo@example.com", 600);
  await admin.reservations.cancel(left.id, { reason: "Changed their mind" });
  await admin.groups.create({
    customer_id: "carmen@example.com",
    ttl: 1_800,
    lines: [
      { product_id: demo.laptop, store_id: "MAD-001", quantity: 1 },
      { product_id: demo.mouse, store_id: "MAD-001", quantity: 2 },
    ],
  });
  await admin.stock.transfer({
    product_id: demo.laptop,
    from_store_id: "MAD-001",
    to_store_id: "SEV-001",
    quantity: 1,
  });
  await admin.stock.set(demo.webcam, "SEV-001", { reorder_point: 50 });
  await house.newKey("vendor", ["MAD-001"]);
}
