// The catalogue, the stores and the keys, as those who keep them work on them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createClient, isOnhandError } from "@onhand/client";
import { demo, type House, openHouse } from "./support/house.ts";

describe("what administrators keep", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  test("a product is made in Spanish, with a price as it is written there; a SKU that is taken is said, and the form keeps its content", async (t) => {
    const { page, go } = await house.person(t, { language: "es" });
    await go("/products");
    const dialog = page.getByRole("dialog");
    const fill = async (sku: string): Promise<void> => {
      await page.getByRole("button", { name: "Producto nuevo" }).click();
      await dialog.getByRole("textbox", { name: "SKU", exact: true }).fill(sku);
      await dialog.getByRole("textbox", { name: "Nombre", exact: true }).fill(`Lámpara ${sku}`);
      await dialog.getByRole("textbox", { name: "Precio (€)" }).fill("1.234,50");
      await dialog.getByRole("button", { name: "Crear", exact: true }).click();
    };
    await fill("LAMP-1");
    await page.getByRole("row").filter({ hasText: "LAMP-1" }).getByText("1234,50").waitFor();
    assert.equal((await house.admin.products.bySku("LAMP-1")).price, 1234.5);
    await fill("PROD-001");
    await dialog.getByText("Otro producto tiene este SKU.").waitFor();
    assert.equal(await dialog.getByRole("textbox", { name: "SKU" }).inputValue(), "PROD-001");
  });

  test("what somebody typed as HTML is text", async (t) => {
    const { page, go, errors } = await house.person(t);
    const name = "<img src=x onerror=alert(1)><b>bold</b>";
    await house.admin.products.create({ sku: "HTML-1", name, price: 1 });
    await go("/products");
    await page.getByText(name).waitFor();
    await go("/events");
    await page.getByText("product.created").first().waitFor();
    assert.equal(await page.locator("img[src=x]").count(), 0);
    assert.deepEqual(errors, []);
  });

  test("a store that is closed says so, and takes nothing", async (t) => {
    const { page, go } = await house.person(t);
    await go("/stores");
    await page.getByRole("button", { name: "Actions for Valencia Norte" }).click();
    await page.getByRole("menuitem", { name: "Close the store" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Close the store" }).click();
    await page.getByRole("row").filter({ hasText: "VAL-001" }).getByText("Closed").waitFor();
    await go(`/stock/${demo.mouse}/VAL-001`);
    await page.getByRole("textbox", { name: "Units", exact: true }).fill("1");
    await page.getByRole("button", { name: "Adjust", exact: true }).click();
    await page.getByRole("alert").getByText("Valencia Norte is closed for changes.").waitFor();
  });

  test("a key shows its secret once, works, and is refused after it was revoked", async (t) => {
    const { page, go } = await house.person(t);
    await go("/administration");
    await page.getByRole("button", { name: "New key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Name", exact: true }).fill("till-9");
    await dialog.getByRole("radio", { name: "All stores" }).check();
    await dialog.getByRole("button", { name: "Create", exact: true }).click();
    const apiKey = await page.getByLabel("Secret").inputValue();
    const till = createClient({ baseUrl: house.url, apiKey });
    assert.equal((await till.session.get()).actor, "key:till-9");
    await page.getByRole("button", { name: "I have put it away" }).click();
    await page.getByLabel("Secret").waitFor({ state: "detached" });
    assert.ok(!(await page.content()).includes(apiKey), "the secret is gone from the page");
    await page.getByRole("button", { name: "Revoke till-9" }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Revoke/ })
      .click();
    await page.getByText("The key till-9 is revoked.").waitFor();
    await assert.rejects(till.session.get(), (error) => isOnhandError(error, "unauthenticated"));
  });
});
