// A file of a person: chosen, its columns named, looked at, imported, and taken back.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { demo, type House, openHouse } from "./support/house.ts";

describe("import", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  const rowOf = (product: string, store: string) => house.admin.stock.get(product, store);
  const csv = (text: string) => ({
    name: "recuento.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(text),
  });

  test("a count with columns of other names is looked at, imported, and undone", async (t) => {
    const { page, go, errors } = await house.person(t, { role: "manager", stores: ["MAD-001"] });
    const before = await rowOf(demo.laptop, "MAD-001");
    await go("/import");
    const file = csv("Artikel,Tienda,Menge,Mínimo\nPROD-001,MAD-001,77,5\nGHOST,MAD-001,1,\n");
    await page.locator('input[type="file"]').setInputFiles(file);
    await page.getByRole("button", { name: "See what would change" }).click();
    await page.getByText("choose the columns, and look again").waitFor();
    for (const [field, column] of [
      ["SKU", "Artikel"],
      ["Store", "Tienda"],
      ["Counted units", "Menge"],
      ["Reorder point", "Mínimo"],
    ] as const) {
      await page.getByRole("combobox", { name: field, exact: true }).last().click();
      await page.getByRole("option", { name: column }).click();
    }
    await page.getByRole("button", { name: "Look again" }).click();
    const row = page.getByRole("row", { name: /PROD-001 at MAD-001/ });
    await row.waitFor();
    assert.match(
      await row.innerText(),
      new RegExp(`Counted units ${before.quantity} → 77, Reorder point nothing → 5`),
    );
    await page.getByText('there is no product with the SKU "GHOST"').waitFor();
    assert.equal((await rowOf(demo.laptop, "MAD-001")).quantity, before.quantity);

    await page.getByRole("button", { name: "Import 1 row" }).click();
    await page.getByText("The import is done.").waitFor();
    assert.partialDeepStrictEqual(await rowOf(demo.laptop, "MAD-001"), {
      ...{ quantity: 77, reorder_point: 5 },
    });
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download the rows that were refused (CSV)" }).click();
    const path = await (await download).path();
    assert.equal(
      readFileSync(path, "utf8"),
      '\ufeffrow,code,reason,Artikel,Tienda,Menge,Mínimo\r\n3,product_not_found,"GHOST at MAD-001: there is no product with the SKU ""GHOST""",GHOST,MAD-001,1,\r\n',
    );

    await page.getByRole("button", { name: "Undo this import" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Undo it" }).click();
    await page.getByText("The import is undone as far as that is possible.").waitFor();
    assert.partialDeepStrictEqual(await rowOf(demo.laptop, "MAD-001"), {
      ...{ quantity: before.quantity, reorder_point: before.reorder_point },
    });
    assert.deepEqual(
      errors.filter((text) => !/status of 400/.test(text)),
      [],
    );
  });

  test("many rows show how far they are, and what broke off goes on and is done once", async (t) => {
    const { page, go } = await house.person(t);
    const before = await rowOf(demo.mouse, "BCN-001");
    await go("/import");
    const rows = 3_000;
    const file = csv(`sku,quantity_change\n${"PROD-002,1\n".repeat(rows)}`);
    await page.locator('input[type="file"]').setInputFiles(file);
    await page.getByRole("combobox", { name: "Store", exact: true }).click();
    await page.getByRole("option", { name: /Barcelona/ }).click();
    await page.getByRole("button", { name: "See what would change" }).click();
    await page.getByRole("button", { name: "Import 3000 rows" }).click();
    await page.getByRole("progressbar").waitFor();
    const { back } = await house.away();
    await page.getByRole("button", { name: "Go on" }).waitFor();
    await back();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("The import is done.").waitFor();
    assert.equal((await rowOf(demo.mouse, "BCN-001")).quantity, before.quantity + rows);
  });

  test("a broken file is told with its row, and a seller is offered stock only", async (t) => {
    const { page, go } = await house.person(t, { role: "vendor", stores: ["MAD-001"] });
    await go("/import");
    await page
      .locator('input[type="file"]')
      .setInputFiles(csv('sku,store_id,quantity\nA,MAD-001,"1\n'));
    await page.getByRole("button", { name: "See what would change" }).click();
    await page.getByRole("alert").getByText("Row 2 cannot be read").waitFor();
    await page.getByRole("button", { name: "Take the file away" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Stock (CSV)" }).click();
    const [head, ...rows] = readFileSync(await (await download).path(), "utf8")
      .trim()
      .split("\n");
    assert.match(head ?? "", /^sku,product_id,product_name,store_id,quantity/);
    assert.ok(rows.length > 0 && rows.every((one) => one.includes(",MAD-001,")), "theirs, no more");
    await page.getByRole("combobox", { name: "What is in the file" }).click();
    assert.deepEqual(await page.getByRole("option").allInnerTexts(), [
      "Stock: counts, deliveries, reorder points",
    ]);
  });
});
