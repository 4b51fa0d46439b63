// A day's work: receive, count, transfer, hand over, refuse, and nothing twice.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { demo, type House, openHouse } from "./support/house.ts";

describe("work", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house.close());

  const onHand = async (product: string, store: string): Promise<number> =>
    (await house.admin.stock.get(product, store)).quantity;

  test("units that arrive are booked once, however often the button is pressed", async (t) => {
    const { page, go, errors } = await house.person(t, { role: "vendor", stores: ["MAD-001"] });
    const before = await onHand(demo.laptop, "MAD-001");
    await go(`/stock/${demo.laptop}/MAD-001`);
    await page.getByRole("textbox", { name: "Units", exact: true }).fill("5");
    await page.getByRole("button", { name: "Adjust", exact: true }).dblclick();
    await page.getByText(`now ${before + 5} on hand`).waitFor();
    assert.equal(await onHand(demo.laptop, "MAD-001"), before + 5);
    assert.equal(
      await page.getByRole("textbox", { name: "Units", exact: true }).inputValue(),
      "",
      "and the form is empty",
    );
    assert.deepEqual(errors, []);
  });

  test("a count that somebody was quicker than shows both numbers, and the person decides", async (t) => {
    const { page, go } = await house.person(t, { role: "vendor", stores: ["BCN-001"] });
    await go(`/stock/${demo.laptop}/BCN-001`);
    await page.getByRole("tab", { name: "Count" }).click();
    await page.getByLabel("Units counted").fill("40");
    const before = await onHand(demo.laptop, "BCN-001");
    await house.admin.stock.adjust(demo.laptop, "BCN-001", { adjustment: 2, reason: "RESTOCK" });
    const conflict = page.getByRole("alert");
    await conflict.getByText("Somebody else has changed this meanwhile").waitFor();
    const words = await conflict.innerText();
    for (const number of [before, before + 2, 40]) assert.ok(words.includes(String(number)), words);
    await page.getByRole("button", { name: "Set 40 all the same" }).click();
    await page.getByText("now 40 on hand").waitFor();
    assert.equal(await onHand(demo.laptop, "BCN-001"), 40);
  });

  test("units move from store to store, and both rows say so", async (t) => {
    const { page, go } = await house.person(t, { role: "manager" });
    const before = await onHand(demo.mouse, "MAD-001");
    await go(`/stock/${demo.mouse}/MAD-001`);
    await page.getByRole("tab", { name: "Transfer" }).click();
    await page.getByRole("combobox", { name: "To store" }).click();
    await page.getByRole("option", { name: /Sevilla/ }).click();
    await page.getByRole("textbox", { name: "Units", exact: true }).fill("2");
    await page.getByRole("button", { name: "Transfer", exact: true }).click();
    await page.getByText("2 units moved to Sevilla Centro").waitFor();
    assert.equal(await onHand(demo.mouse, "MAD-001"), before - 2);
  });

  test("what is held for a customer cannot be taken out: it is said in words, and the form keeps what was typed", async (t) => {
    const { page, go } = await house.person(t, { role: "vendor", stores: ["SEV-001"] });
    const { quantity, reserved } = await house.admin.stock.get(demo.laptop, "SEV-001");
    assert.ok(reserved > 0);
    await go(`/stock/${demo.laptop}/SEV-001`);
    await page.getByText("Take out").click();
    await page.getByRole("textbox", { name: "Units", exact: true }).fill(String(quantity));
    await page.getByRole("button", { name: "Adjust", exact: true }).click();
    await page
      .getByRole("alert")
      .getByText(`Only ${quantity - reserved} left in Sevilla Centro`)
      .waitFor();
    assert.equal(
      await page.getByRole("textbox", { name: "Units", exact: true }).inputValue(),
      String(quantity),
    );
    assert.equal(await onHand(demo.laptop, "SEV-001"), quantity);
  });

  test("a reservation is handed over: held, then sold", async (t) => {
    const { page, go } = await house.person(t, { role: "vendor", stores: ["MAD-001"] });
    await go("/reservations");
    await house.admin.reservations.create({
      product_id: demo.webcam,
      store_id: "MAD-001",
      customer_id: "maria@example.com",
      quantity: 1,
      ttl: 600,
    });
    const row = page.getByRole("row").filter({ hasText: "maria@example.com" });
    await row.getByRole("button", { name: "Confirm" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Confirm", exact: true }).click();
    await row.getByText("Sold").waitFor();
  });

  test("a seller of one store is not offered another one's, and cannot reach it by its address", async (t) => {
    const { page, go } = await house.person(t, { role: "vendor", stores: ["VAL-001"] });
    await go("/stock");
    await page.getByRole("columnheader", { name: /Valencia/ }).waitFor();
    assert.equal(await page.getByRole("columnheader", { name: /Madrid/ }).count(), 0);
    await go(`/stock/${demo.laptop}/MAD-001`);
    await page.getByRole("dialog").waitFor();
    assert.equal(await page.getByRole("button", { name: "Adjust", exact: true }).count(), 0);
  });

  test("a scanned code finds its product wherever the finger was, and is sold with one touch", async (t) => {
    const { page, go } = await house.person(t, {
      role: "vendor",
      stores: ["MAD-001"],
      size: "tablet",
    });
    const { sku } = await house.admin.products.get(demo.monitor);
    const before = await onHand(demo.monitor, "MAD-001");
    await go("/store/MAD-001");
    await page.getByRole("heading", { name: "Madrid Centro" }).waitFor();
    await page.keyboard.type(sku, { delay: 5 });
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("LG UltraWide").first().waitFor();
    await page.getByRole("button", { name: "Sell 1" }).click();
    await page.getByText(/Sold: 1 ×/).waitFor();
    assert.equal(await onHand(demo.monitor, "MAD-001"), before - 1);
  });
});
