// How late holds end, and what a burst of ends costs others. node bench/expiry.ts [--holds 100000] [--rate 300]
//
// Steadily: holds of a few seconds are made at a pace; the lag is from `expires_at` to the time of the event that ended
// it. A burst: so many holds are due within one second; how long until all have ended, and the latency of reserving
// at the pace (open loop) before and meanwhile.

import { parseArgs } from "node:util";
import { pause } from "../src/lib/waiting.ts";
import { type Body, call } from "./call.ts";
import { generatePaced } from "./generator.ts";
import { openHistogram } from "./histogram.ts";
import type { LoadResult } from "./plan.ts";
import { type Server, startOnhand } from "./server.ts";
import { oneRow, stockUp, stores } from "./shop.ts";

const { values } = parseArgs({
  options: {
    holds: { type: "string", default: "100000" },
    rate: { type: "string", default: "300" },
    seconds: { type: "string", default: "10" },
  },
});
const [holds, rate, seconds] = [values.holds, values.rate, values.seconds].map(Number) as [
  number,
  number,
  number,
];
const rows = { products: 250, stores };
const linesMax = 50;

const sequence = { n: 0 };

/** A basket of so many rows, one unit each. */
function basket(lines: number, ttl: number): Body {
  sequence.n += 1;
  const first = sequence.n * lines;
  return {
    customer_id: `c-${sequence.n}`,
    ttl,
    lines: Array.from({ length: lines }, (_, line) => ({
      product_id: `p-${(first + line) % rows.products}`,
      store_id: stores[Math.floor((first + line) / rows.products) % stores.length],
      quantity: 1,
    })),
  };
}

async function steady(server: Server): Promise<void> {
  const from = Number((await call(server, "GET", "/events?limit=1"))["head_seq"]);
  for (let second = 0; second < seconds; second += 1) {
    const startedAt = performance.now();
    const made = Array.from({ length: rate / 10 }, () =>
      call(server, "POST", "/reservations", basket(10, 2)),
    );
    await Promise.all(made);
    await pause(Math.max(0, 1000 - (performance.now() - startedAt)));
  }
  await pause(5_000);
  const lags = openHistogram();
  for (let after = from; ; ) {
    const page = await call(server, "GET", `/events?after=${after}&limit=500`);
    const events = page["items"] as readonly {
      readonly seq: number;
      readonly type: string;
      readonly occurred_at: string;
      readonly payload: { readonly expires_at: string };
    }[];
    for (const { type, occurred_at, payload } of events) {
      if (type !== "reservation.expired") continue;
      lags.record(Date.parse(occurred_at) - Date.parse(payload.expires_at));
    }
    const last = events.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  const at = (percent: number): string => lags.percentile(percent).toFixed(0);
  console.log(
    `steady, ${rate} holds/s: ${lags.count()} ended, lag p50 ${at(50)} ms, p99 ${at(99)} ms, longest ${at(100)} ms`,
  );
}

function paced(server: Server, forSeconds: number): Promise<LoadResult> {
  return generatePaced(server, { kind: "reserve", rows }, rate, forSeconds);
}

const pending = async (server: Server): Promise<number> =>
  Number(
    ((await call(server, "GET", "/stock/summary")) as Record<string, number>)[
      "pending_reservations"
    ],
  );

async function burst(server: Server): Promise<void> {
  const dueAt = Date.now() + 60_000 + holds / 2;
  let made = 0;
  const lanes = Array.from({ length: 16 }, async () => {
    while (made < holds) {
      made += linesMax;
      const ttl = Math.round((dueAt - Date.now()) / 1000);
      if (ttl < 5) throw new Error("the holds could not be made before they are due");
      await call(server, "POST", "/reservations", basket(linesMax, ttl));
    }
  });
  await Promise.all(lanes);
  await paced(server, 3);
  const before = await paced(server, 8);
  await pause(Math.max(0, dueAt - 500 - Date.now()));
  const others = (await pending(server)) - made;
  const during = paced(server, 10);
  let clearedMs = 0;
  while (clearedMs === 0) {
    await pause(50);
    // What is reserved meanwhile is pending too.
    if ((await pending(server)) - others - rate * 20 <= 0) clearedMs = Date.now() - dueAt;
    if (Date.now() - dueAt > 120_000) throw new Error("not cleared in two minutes");
  }
  const [quiet, busy] = [before.latency["reserve"], (await during).latency["reserve"]];
  console.log(
    `burst: ${made} holds due within a second had ended ${clearedMs} ms after it; reserving at ${rate}/s: p99 ${quiet?.p99Ms.toFixed(1)} ms before, ${busy?.p99Ms.toFixed(1)} ms meanwhile`,
  );
}

const server = await startOnhand({
  RESERVATION_MAX_PER_CUSTOMER: "0",
  RESERVATION_MAX_UNITS_PER_CUSTOMER: "0",
});
try {
  await stockUp(server, { products: rows.products, stores: oneRow.stores });
  await steady(server);
  await burst(server);
} finally {
  await server.stop();
}
