// A file through nginx, as operators have it: longer than other bodies may be, told as it is dealt with.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { importedIn } from "../support/import-lines.ts";
import { type Nginx, noNginx, startNginx } from "../support/nginx.ts";
import { openShop, type Shop } from "../support/shop.ts";

let shop: Shop;
let nginx: Nginx;
before(async () => {
  if (noNginx !== false) return;
  shop = await openShop({ settings: { trustProxy: 1 } });
  const port = Number(new URL(await shop.app.listen({ port: 0, host: "127.0.0.1" })).port);
  nginx = await startNginx([port, port, port]);
});
after(async () => {
  if (noNginx !== false) return;
  await nginx.close();
  await shop.close();
});

function begin(url: string): ClientRequest {
  return request(`${nginx.url}/api/v1/imports/${url}`, {
    method: "POST",
    agent: false,
    ca: readFileSync(nginx.certificate),
    headers: { "x-api-key": shop.keys.admin, "content-type": "text/csv" },
  });
}

test("a file of two megabytes is told about while it is sent", { skip: noNginx }, async () => {
  const id = await shop.product({ MAD: 0 });
  const sent = begin("stock");
  sent.write(`product_id,store_id,quantity_change,note\n${`${id},MAD,1,\n`.repeat(600)}`);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  response.on("data", (chunk) => {
    text += String(chunk);
  });
  sent.end(`${id},MAD,1,${"x".repeat(400)}\n`.repeat(5_000));
  await once(response, "end");
  assert.equal(response.statusCode, 200, `${text.slice(0, 300)} ${nginx.complaints()}`);
  assert.deepEqual(importedIn(text).counts, [0, 5_600, 0, 0]);
});
