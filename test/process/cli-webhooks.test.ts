// onhand webhooks against a real service and a real receiver: every action, what scripts go by, and that a secret is
// shown by what makes it alone.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, type Instance, runOnhand, startInstance, unlimited } from "../support/instance.ts";
import { openReceiver, type Receiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

let service: Instance;
let receiver: Receiver;
before(async () => {
  receiver = await openReceiver();
  service = await startInstance({ env: { ...unlimited, WEBHOOKS_ALLOW_PRIVATE: "on" } });
});
after(async () => {
  await service.kill();
  await receiver.close();
});

const run = (...args: readonly string[]) =>
  runOnhand(["webhooks", ...args], {
    env: { ONHAND_URL: service.url, ONHAND_API_KEY: service.key },
  });
/** Runs it to a good end, and answers the JSON of each line. */
const done = async (...args: readonly string[]): Promise<Record<string, unknown>[]> => {
  const { code, stdout, stderr } = await run(...args);
  assert.equal(code, 0, stderr);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
};
const one = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
  const [only, ...more] = await done(...args);
  assert.deepEqual(more, []);
  assert.ok(only !== undefined, "one line");
  return only;
};
const receive = async (by: number) => {
  const change = {
    product_id: "550e8400-e29b-41d4-a716-446655440000",
    store_id: "MAD-001",
    quantity_change: by,
    reason: "RESTOCK",
  };
  assert.equal((await ask(service, "POST", "/stock", change)).status, 200);
};

describe("onhand webhooks", { timeout: 120_000 }, () => {
  test("makes, shows, changes, pauses, resumes and ends one; its secrets are printed once each", async () => {
    const made = await run(
      ...["create", "--to", `${receiver.url}/erp`, "--types", "stock.low, stock.out"],
      ...["--stores", "MAD-001,BCN-001", "--description", "ERP", "--after", "0"],
    );
    assert.equal(made.code, 0, made.stderr);
    const { id, secret, ...hook } = JSON.parse(made.stdout);
    assert.match(secret, /^whsec_/);
    assert.equal(made.stderr, `webhook ${id}; its secret is shown only now\n`);
    assert.deepEqual(
      [hook.url, hook.types, hook.stores, hook.description, hook.state],
      [`${receiver.url}/erp`, ["stock.low", "stock.out"], ["MAD-001", "BCN-001"], "ERP", "active"],
    );

    const listed = await run("list", "--table");
    assert.match(listed.stdout, /^ID +STATE +BEHIND_EVENTS +URL +TYPES +STORES +LAST_ERROR$/m);
    assert.match(listed.stdout, new RegExp(`^${id} +active +\\d+ +${receiver.url}/erp`, "m"));

    const changed = await one(
      ...["change", id, "--to", `${receiver.url}/all`, "--types", "*", "--stores", "*"],
      ...["--description", ""],
    );
    assert.deepEqual(
      [changed["url"], changed["types"], changed["stores"], changed["description"]],
      [`${receiver.url}/all`, "*", "*", null],
    );
    assert.equal((await one("pause", id))["state"], "paused");
    assert.equal((await one("resume", id, "--after", "1"))["state"], "active");

    const rotated = await one("rotate", id);
    assert.match(String(rotated["secret"]), /^whsec_/);
    assert.notEqual(rotated["secret"], secret);
    assert.notEqual(rotated["old_secret_until"], null);
    assert.equal((await one("rotate", id, "--end-old"))["old_secret_until"], null);
    const shown = await one("get", id);
    assert.equal(shown["id"], id);
    assert.equal("secret" in shown, false);

    assert.deepEqual(await done("delete", id), []);
    assert.deepEqual(await done("list"), []);
  });

  test("tries it, shows what was sent, and sends an event again; 1 where the receiver did not take it", async () => {
    const { id } = await one("create", "--to", receiver.url, "--types", "stock.updated");
    const hook = String(id);
    const tried = await one("test", hook);
    assert.deepEqual(
      [tried["event_type"], tried["delivered"], tried["status"]],
      ["webhook.test", true, 204],
    );
    await receive(3);
    const sent = () => receiver.got.filter(({ body }) => body["type"] === "stock.updated");
    await until(() => sent().length === 1, "it is delivered", 30_000);
    const seq = Number(sent()[0]?.body["seq"]);

    const again = await one("redeliver", hook, String(seq));
    assert.deepEqual([again["seq"], again["delivered"]], [seq, true]);
    assert.deepEqual(
      sent().map(({ body }) => body["seq"]),
      [seq, seq],
    );
    // The attempt of its own is noted when the worker has been there.
    await until(async () => (await done("deliveries", hook)).length === 3, "all are noted", 30_000);
    const [newest, ...rest] = await done("deliveries", hook, "--limit", "1");
    assert.deepEqual([newest?.["seq"], newest?.["delivered"], rest], [seq, true, []]);

    receiver.answer = (response) => response.writeHead(500).end();
    for (const args of [
      ["test", hook],
      ["redeliver", hook, String(seq)],
    ]) {
      const failed = await run(...args);
      assert.equal(failed.code, 1, failed.stdout);
      assert.equal(JSON.parse(failed.stdout).status, 500);
      assert.match(failed.stderr, /^onhand: it was not delivered: .*500/);
    }
  });

  test("says what is not understood with 2, and what is refused with 1 and its code", async () => {
    const wrong = await Promise.all([
      run("create"),
      run("change", "some-id"),
      run("redeliver", "some-id", "last"),
      run("send"),
    ]);
    assert.deepEqual(
      wrong.map(({ code }) => code),
      [2, 2, 2, 2],
    );
    assert.match(wrong[0]?.stderr ?? "", /--to is needed/);
    assert.match(wrong[1]?.stderr ?? "", /change needs one of --to, --types, --stores/);
    assert.match(wrong[2]?.stderr ?? "", /SEQ is the number of an event/);

    const refused = await Promise.all([
      run("get", "none"),
      run("create", "--to", receiver.url, "--types", "stock.gone"),
      run("create", "--to", "not an address"),
    ]);
    assert.deepEqual(
      refused.map(({ code }) => code),
      [1, 1, 1],
    );
    assert.match(refused[0]?.stderr ?? "", /\(webhook_not_found\)/);
    assert.match(refused[1]?.stderr ?? "", /\/types\/0: .*stock\.low/);
    assert.match(refused[2]?.stderr ?? "", /\/url: /);
  });
});
