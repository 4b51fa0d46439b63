// Webhooks as administrators keep them: made, watched, mended and taken away.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { openReceiver, type Receiver } from "../../test/support/receiver.ts";
import { until } from "../../test/support/until.ts";
import { demo, type House, openHouse } from "./support/house.ts";

describe("webhooks", () => {
  let house: House;
  let receiver: Receiver;
  before(async () => {
    house = await openHouse({ WEBHOOKS_ALLOW_PRIVATE: "on" });
    receiver = await openReceiver();
  });
  beforeEach(async () => {
    receiver.got.length = 0;
    receiver.answer = (response) => response.writeHead(204).end();
    for await (const { id } of house.admin.webhooks.list()) await house.admin.webhooks.delete(id);
  });
  after(async () => {
    await house.close();
    await receiver.close();
  });

  const receive = (): Promise<unknown> =>
    house.admin.stock.adjust(demo.mouse, "MAD-001", { adjustment: 1, reason: "RESTOCK" });

  test("one is made for some events of a store; its secret is shown once, and signs what comes", async (t) => {
    const { page, go, errors } = await house.person(t);
    await go("/webhooks");
    await page.getByText("No other system is told of events yet.").waitFor();
    await page.getByRole("button", { name: "New webhook" }).click();
    const dialog = page.getByRole("dialog");
    const create = dialog.getByRole("button", { name: "Create", exact: true });
    await dialog.getByRole("textbox", { name: "Address" }).fill("erp");
    await dialog.getByRole("radio", { name: "Only these types" }).check();
    await create.click();
    await dialog.getByText("This is no address such as").waitFor();
    await dialog.getByText("Choose at least one.").waitFor();
    await dialog.getByRole("textbox", { name: "Address" }).fill(`${receiver.url}/erp`);
    await dialog.getByRole("combobox", { name: "Types of events" }).fill("stock.updated");
    await page.getByRole("option", { name: "Stock changed (stock.updated)" }).click();
    await page.keyboard.press("Tab");
    await create.click();
    const secret = await page.getByLabel("Secret", { exact: true }).inputValue();
    await page.getByRole("button", { name: "I have put it away" }).click();
    await page.getByLabel("Secret", { exact: true }).waitFor({ state: "detached" });
    assert.ok(!(await page.content()).includes(secret), "the secret is gone from the page");
    const row = page.getByRole("row").filter({ hasText: "/erp" });
    await row.getByText("Stock changed").waitFor();
    await row.getByText("Sending").waitFor();
    await receive();
    await until(() => receiver.got.length === 1, "it came");
    const { text, headers } = receiver.got[0] ?? assert.fail();
    new Webhook(secret).verify(text, headers as Record<string, string>);
    assert.deepEqual(errors, []);
  });

  test("one that is refused says why and how far it is behind; paused, let go on and sent again it has all", async (t) => {
    const { page, go } = await house.person(t, { size: "tablet" });
    receiver.answer = (response) => response.writeHead(503).end();
    const { id } = await house.admin.webhooks.create({ url: `${receiver.url}/till` });
    await receive();
    await go("/webhooks");
    await page.getByText("Trying again").waitFor();
    await page.getByText("1 event", { exact: true }).waitFor();
    await page.getByRole("link", { name: `${receiver.url}/till` }).click();
    await page.getByRole("cell", { name: "answered 503" }).first().waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("The webhook is paused.").waitFor();
    receiver.answer = (response) => response.writeHead(200).end();
    await page.getByRole("button", { name: "Let it go on" }).click();
    await page.getByText("Up to date").waitFor();
    const [{ body } = assert.fail()] = receiver.got;
    const seq = Number(body["seq"]);
    const before = receiver.got.length;
    await page
      .getByRole("button", { name: `Send again: event ${seq}` })
      .first()
      .click();
    await page.getByText("Delivered: answered 200").waitFor();
    assert.equal(receiver.got.length, before + 1);
    assert.equal(receiver.got.at(-1)?.body["seq"], seq);
    assert.equal((await house.admin.webhooks.get(id)).state, "active");
  });

  test("a test says what became of it; a new secret is shown once; what is changed is what is written", async (t) => {
    const { page, go } = await house.person(t, { language: "es", scheme: "dark" });
    const { id, secret } = await house.admin.webhooks.create({ url: `${receiver.url}/a` });
    await go(`/webhooks/${id}`);
    receiver.answer = (response) => response.socket?.destroy();
    await page.getByRole("button", { name: "Enviar una prueba" }).click();
    await page.getByText("No entregado:").waitFor();
    await page.getByRole("button", { name: "Secreto nuevo" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("checkbox", { name: "El anterior termina ahora mismo" }).check();
    await dialog.getByRole("button", { name: "Crear un secreto nuevo" }).click();
    const second = await page.getByLabel("Secreto", { exact: true }).inputValue();
    assert.notEqual(second, secret);
    await page.getByRole("button", { name: "Ya lo he guardado" }).click();
    await page.getByRole("button", { name: "Cambiar", exact: true }).click();
    await dialog.getByRole("textbox", { name: "Descripción" }).fill("Almacén");
    await dialog.getByRole("radio", { name: "Solo estas" }).check();
    await dialog.getByRole("combobox", { name: "Elija tiendas" }).fill("Sev");
    await page.getByRole("option", { name: "Sevilla Centro (SEV-001)" }).click();
    await page.keyboard.press("Tab");
    await dialog.getByRole("button", { name: "Guardar" }).click();
    await page.getByText("Se cambió el webhook.").waitFor();
    const changed = await house.admin.webhooks.get(id);
    assert.deepEqual(
      [changed.description, changed.stores, changed.types, changed.url],
      ["Almacén", ["SEV-001"], "*", `${receiver.url}/a`],
    );
    receiver.answer = (response) => response.writeHead(204).end();
    await page.getByRole("button", { name: "Enviar una prueba" }).click();
    await page.getByText("Entregado: respondió 204").waitFor();
    const { text, headers } = receiver.got.at(-1) ?? assert.fail();
    new Webhook(second).verify(text, headers as Record<string, string>);
    await page.getByRole("button", { name: "Borrar" }).click();
    await dialog.getByRole("button", { name: "Borrar" }).click();
    await page.getByText("Todavía no se avisa de los eventos").waitFor();
  });
});
