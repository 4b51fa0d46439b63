// The public form of an event, the same bytes in every channel (SSE, webhooks, GET /events, history; Redis has the
// same values as fields of an entry). The payload is stored as JSON text and is passed on as it is, never parsed.

import { isoTime } from "../lib/clock.ts";
import type { LogEvent } from "../store/store.ts";

export function envelopeText(event: LogEvent): string {
  const { seq, id, type, aggregateType, aggregateId, storeId, productId } = event;
  // Only where there is one: for everyone else an event is what it was without tracing.
  const trace =
    event.traceparent === null ? "" : `"traceparent":${JSON.stringify(event.traceparent)},`;
  return (
    `{"seq":${seq},"id":"${id}","type":"${type}","aggregate_type":"${aggregateType}",` +
    `"aggregate_id":${JSON.stringify(aggregateId)},"store_id":${JSON.stringify(storeId)},` +
    `"product_id":${JSON.stringify(productId)},"occurred_at":"${isoTime(event.occurredAt)}",` +
    `"actor":${JSON.stringify(event.actor)},"request_id":${JSON.stringify(event.requestId)},` +
    `${trace}"payload":${event.payload}}`
  );
}
