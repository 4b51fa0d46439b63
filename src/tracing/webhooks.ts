// Spans of deliveries to webhooks, in the trace of the request that caused the event, by whichever instance delivers. Where
// to is not told: a receiver's address may have its secret in it.

import type { Sender } from "../feeds/webhook-send.ts";
import type { Tracing } from "../lib/tracing.ts";

/** The same sender; each attempt is told. */
export function tracedSender(sender: Sender, tracing: Tracing): Sender {
  return {
    ...sender,
    async send(hook, message, signal) {
      const from = performance.now();
      const sent = await sender.send(hook, message, signal);
      if (message.traceparent !== null) {
        const { status, error } = sent;
        tracing.tell(message.traceparent, {
          name: "webhook",
          kind: "client",
          from,
          to: performance.now(),
          failed: error !== null,
          attributes: {
            "http.request.method": "POST",
            ...(status === null ? null : { "http.response.status_code": status }),
          },
        });
      }
      return sent;
    },
  };
}
