import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { newWebhookSecret, signatureHeaders } from "./webhook-signature.ts";

const at = Date.now();
const message = { id: "msg_1", atMs: at, body: '{"seq":1,"name":"Ñandú 🥚"}' };

describe("a signature", () => {
  test("is that of the Standard Webhooks specification, to the byte", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const headers = signatureHeaders(
      { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", atMs: 1_614_265_330_000, body: '{"test": 2432232314}' },
      [secret],
    );
    assert.deepEqual(headers, {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("is the same as the specification's own library makes", () => {
    const secret = newWebhookSecret();
    const signed = new Webhook(secret).sign(message.id, new Date(at), message.body);
    assert.equal(signatureHeaders(message, [secret])["webhook-signature"], signed);
  });

  test("of two secrets satisfies a receiver that knows either, and nobody else", () => {
    const [fresh, old, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
    const headers = signatureHeaders(message, [fresh, old]);
    for (const secret of [fresh, old]) {
      assert.deepEqual(new Webhook(secret).verify(message.body, headers), JSON.parse(message.body));
    }
    assert.throws(() => new Webhook(other).verify(message.body, headers));
    assert.throws(() => new Webhook(fresh).verify(`${message.body} `, headers));
  });
});

test("a secret has 32 random bytes", () => {
  const secret = newWebhookSecret();
  assert.equal(Buffer.from(secret.slice("whsec_".length), "base64").length, 32);
  assert.notEqual(secret, newWebhookSecret());
});
