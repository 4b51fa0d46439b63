// Who may come in, what they are offered, and what is left of their secret: nothing.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Role } from "@onhand/client";
import { type House, openHouse, signIn } from "./support/house.ts";

const ofStores = ["Overview", "Stock", "Store", "Reservations", "Products", "Stores"] as const;
const pagesOf: Readonly<Record<Exclude<Role, "admin">, readonly string[]>> = {
  customer: ["Reservations", "Products", "Stores"],
  channel: [...ofStores, "Events"],
  vendor: [...ofStores, "Import", "Events"],
  manager: [...ofStores, "Import", "Events"],
};
const everyPage = [...pagesOf.manager, "Webhooks", "Administration"];

describe("signing in", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  for (const role of ["customer", "channel", "vendor", "manager", "admin"] as const) {
    test(`as ${role} offers the pages of that role, and no other`, async (t) => {
      const { page, errors } = await house.person(t, { role });
      const names = await page.getByRole("navigation").getByRole("link").allInnerTexts();
      assert.deepEqual(names, role === "admin" ? everyPage : pagesOf[role]);
      assert.deepEqual(errors, []);
    });
  }

  test("with a key that is not known is refused in words, and what was typed stays", async (t) => {
    const { page } = await house.person(t, { isSignedIn: false });
    const wrong = `ohk_${"x".repeat(43)}`;
    await page.getByLabel("API key or token").fill(wrong);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("no key or token that is known").waitFor();
    assert.equal(await page.getByLabel("API key or token").inputValue(), wrong);
  });

  test("leaves the secret in no place that a script can read, and in no address", async (t) => {
    const { page, context } = await house.person(t, { isSignedIn: false });
    const addresses: string[] = [];
    page.on("request", (request) => addresses.push(request.url()));
    const key = await house.newKey("manager");
    await signIn(page, key);
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
    );
    assert.ok(!kept.includes(key.slice(4)), kept);
    assert.ok(addresses.every((address) => !address.includes(key.slice(4))));
    const cookies = await context.cookies();
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })),
      [{ httpOnly: true, sameSite: "Strict" }],
    );
  });

  test("out ends the session in every tab", async (t) => {
    const { page, context } = await house.person(t);
    const other = await context.newPage();
    await other.goto(house.url);
    await other.getByRole("navigation").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to Onhand" }).waitFor();
    await other.getByRole("heading", { name: "Sign in to Onhand" }).waitFor();
  });

  test("is in the language of the browser, and stays in the one that was chosen", async (t) => {
    const { page } = await house.person(t, { language: "es" });
    await page.getByRole("link", { name: "Existencias", exact: true }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "es");
    await page.getByRole("button", { name: "Idioma" }).click();
    await page.getByRole("menuitem", { name: "English" }).click();
    await page.getByRole("link", { name: "Stock", exact: true }).waitFor();
    await page.reload();
    await page.getByRole("link", { name: "Stock", exact: true }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  });
});
