// A file of a person: chosen, its columns named, looked at, imported, gone on with after a break, and taken back.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { demo, type House, openHouse } from "./support/house.ts";

/** Chooses a file for Barcelona, and has it looked at. */
async function look(page: Page, file: Parameters<ReturnType<Page["locator"]>["setInputFiles"]>[0]) {
  await page.locator('input[type="file"]').setInputFiles(file);
  await page.getByRole("combobox", { name: "Store", exact: true }).click();
  await page.getByRole("option", { name: /Barcelona/ }).click();
  await page.getByRole("button", { name: "See what would change" }).click();
}

/** New, changed, as they are, refused. */
function countsOn(page: Page): Promise<string[]> {
  const names = ["new", "changed", "same", "refused"];
  return Promise.all(names.map((name) => page.getByTestId(`import-${name}`).innerText()));
}

async function undoOn(page: Page, button: string): Promise<void> {
  await page.getByRole("button", { name: button }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Undo it" }).click();
  await page.getByText("The import is undone as far as that is possible.").waitFor();
}

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
    const rows = 12_000;
    const file = csv(`sku,quantity_change\n${"PROD-002,1\n".repeat(rows)}`);
    await look(page, file);
    await page.getByRole("button", { name: "Import 12000 rows" }).click();
    await page.getByRole("progressbar").waitFor();
    const { back } = await house.away();
    await page.getByRole("button", { name: "Go on" }).waitFor();
    await back();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("The import is done.").waitFor();
    assert.equal((await rowOf(demo.mouse, "BCN-001")).quantity, before.quantity + rows);
    await mustCount(page, rows);
    await undoOn(page, "Undo this import");
    assert.equal((await rowOf(demo.mouse, "BCN-001")).quantity, before.quantity);
  });

  test("what broke off before the page was left is known by its file, and never booked twice", async (t) => {
    const { page, go, context } = await house.person(t);
    const before = await rowOf(demo.mouse, "BCN-001");
    const quantity = async () => (await rowOf(demo.mouse, "BCN-001")).quantity;
    await go("/import");
    const rows = 10_000;
    const file = csv(`sku,quantity_change\n${"PROD-002,1\n".repeat(rows)}`);
    await look(page, file);
    const { back } = await breakOff(page, rows);
    await back();
    await page.reload();
    await look(page, file);
    await page.getByText(/^An import of this file by key:admin broke off/).waitFor();
    assert.equal(await page.getByRole("button", { name: "Import 10000 rows" }).count(), 0);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("The import is done.").waitFor();
    await mustCount(page, rows);
    assert.equal(await quantity(), before.quantity + rows);

    await page.reload();
    await look(page, file);
    await page.getByText(/^This file was imported on .* by key:admin\./).waitFor();
    await undoOn(page, "Undo that import");
    assert.equal(await quantity(), before.quantity);
    const { origins } = await context.storageState();
    assert.doesNotMatch(JSON.stringify(origins), /ohk_|PROD-002/, "neither a secret nor the file");

    // Part of it, and then taken back in place of going on.
    await page.reload();
    await look(page, file);
    const later = await breakOff(page, rows);
    await later.back();
    await page.reload();
    await look(page, file);
    await page.getByText(/^An import of this file by key:admin broke off/).waitFor();
    await undoOn(page, "Undo that import");
    assert.equal(await quantity(), before.quantity);
  });

  /** Of both parts. What was done in the moment of the break may be told as it is, not as changed. */
  async function mustCount(page: Page, rows: number) {
    const counts = (await countsOn(page)).map((text) => Number(text.replaceAll(",", "")));
    const [created, changed = 0, same = 0, refused] = counts;
    assert.deepEqual([created, changed + same, refused], [0, rows, 0]);
    assert.ok(changed > 0);
  }

  async function breakOff(page: Page, rows: number) {
    await page.getByRole("button", { name: `Import ${rows} rows` }).click();
    await page.getByRole("progressbar").waitFor();
    const away = await house.away();
    await page.getByRole("button", { name: "Go on" }).waitFor();
    return away;
  }

  test("it goes on while another page is looked at, and whoever leaves the console is asked", async (t) => {
    const { page, go } = await house.person(t);
    const before = await rowOf(demo.mouse, "BCN-001");
    await go("/import");
    await look(page, csv("sku,quantity_change\nPROD-002,4\n"));
    const { promise: mayGoOn, resolve: letGoOn } = Promise.withResolvers<void>();
    await page.route(/imports\/stock\?.*mode=apply/, async (route) => {
      await mayGoOn;
      await route.continue();
    });
    const isAsked = () =>
      page.evaluate(() => !dispatchEvent(new Event("beforeunload", { cancelable: true })));
    assert.equal(await isAsked(), false);
    await page.getByRole("button", { name: "Import 1 row" }).click();
    await page.getByRole("button", { name: "Stop" }).waitFor();
    assert.equal(await isAsked(), true);
    await go("/stock");
    await page.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
    assert.equal(await isAsked(), true);
    await go("/import");
    await page.getByRole("button", { name: "Stop" }).waitFor();
    letGoOn();
    await page.getByText("The import is done.").waitFor();
    assert.equal(await isAsked(), false);
    assert.deepEqual(await countsOn(page), ["0", "1", "0", "0"]);
    assert.equal((await rowOf(demo.mouse, "BCN-001")).quantity, before.quantity + 4);
  });

  test("a row that is told again is listed once, and rows that are not told are counted", async (t) => {
    const { page, go } = await house.person(t);
    await go("/import");
    await look(page, csv("sku,quantity_change\nPROD-002,1\nA,1\nB,1\nC,1\nD,1\n"));
    await page.getByRole("button", { name: "Import 1 row" }).waitFor();
    const refused = (row: number, sku: string) => ({
      ...{ type: "refused", row, code: "product_not_found", reason: `no ${sku}` },
      cells: { sku, quantity_change: "1" },
    });
    const counts = { created: 0, changed: 0, same: 0 };
    // Played, since what is told when depends on how fast things are read.
    const answers = [
      [
        refused(3, "A"),
        { type: "progress", row: 3, rows: 2, ...counts, refused: 1 },
        refused(4, "B"),
      ],
      [
        ...[refused(4, "B"), { type: "progress", row: 6, rows: 5, ...counts, refused: 3 }],
        { type: "end", rows: 5, ...counts, refused: 3, untold: 2, fault: null },
      ],
    ];
    const asked: string[] = [];
    await page.route(/imports\/stock\?.*mode=apply/, (route) => {
      asked.push(route.request().url());
      const lines = answers.shift() ?? [];
      const body = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      return route.fulfill({ contentType: "application/x-ndjson", body });
    });
    await page.getByRole("button", { name: "Import 1 row" }).click();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("The import is done.").waitFor();
    assert.match(asked[1] ?? "", /after_row=3/);
    assert.deepEqual(await countsOn(page), ["0", "0", "0", "4"]);
    await page.getByText(/^2 more rows were refused than are listed here/).waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download the rows that were refused (CSV)" }).click();
    assert.equal(
      readFileSync(await (await download).path(), "utf8"),
      "\ufeffrow,code,reason,sku,quantity_change\r\n3,product_not_found,no A,A,1\r\n4,product_not_found,no B,B,1\r\n",
    );
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
    const exportLink = (name: string) =>
      page.getByRole("link", { name, exact: true }).and(page.locator("[download]"));
    const download = page.waitForEvent("download");
    await exportLink("Stock").click();
    const [head, ...rows] = readFileSync(await (await download).path(), "utf8")
      .trim()
      .split("\n");
    assert.match(head ?? "", /^sku,product_id,product_name,store_id,quantity/);
    assert.ok(rows.length > 0 && rows.every((one) => one.includes(",MAD-001,")), "theirs, no more");
    const links = page.getByRole("link").and(page.locator("[download]"));
    assert.deepEqual(await links.allInnerTexts(), [
      ...["Stock", "Products", "Stores", "Reservations", "Events"],
    ]);
    await page.getByText("JSON lines", { exact: true }).click();
    const lines = page.waitForEvent("download");
    await exportLink("Events").click();
    const [event] = readFileSync(await (await lines).path(), "utf8").split("\n");
    assert.equal(typeof JSON.parse(event ?? "").seq, "number");
    await page.getByRole("combobox", { name: "What is in the file" }).click();
    assert.deepEqual(await page.getByRole("option").allInnerTexts(), [
      "Stock: counts, deliveries, reorder points",
    ]);
  });
});
