// How fast events come to webhooks, and in order. node bench/webhooks.ts [--webhooks 8] [--batches 10] [--rate 50]
//
// A backlog: batches of 1,000 changes are in the log before the webhooks are let go; how many deliveries a second come
// to a receiver that answers at once, in this process, of one webhook and of several together. At a pace: so
// many changes a second, and how long after the answer to each its delivery is there. Each delivery is checked: that
// none is missing, that none comes sooner than one before it in the log, how many come twice.

import { parseArgs } from "node:util";
import { pause } from "../src/lib/waiting.ts";
import { openReceiver, type Receiver } from "../test/support/receiver.ts";
import { type Body, call } from "./call.ts";
import { openHistogram } from "./histogram.ts";
import { type Server, startOnhand } from "./server.ts";
import { stockUp, stores } from "./shop.ts";

const { values } = parseArgs({
  options: {
    webhooks: { type: "string", default: "8" },
    batches: { type: "string", default: "10" },
    rate: { type: "string", default: "50" },
    seconds: { type: "string", default: "10" },
  },
});
const [count, batches, rate, seconds] = [
  Number(values.webhooks),
  Number(values.batches),
  Number(values.rate),
  Number(values.seconds),
];
const products = 250;

/** The change to a row, so many of each of the rows in turn. */
function changeOf(n: number): Body {
  return {
    product_id: `p-${n % products}`,
    store_id: stores[Math.floor(n / products) % stores.length],
    quantity_change: 1,
    reason: "RESTOCK",
  };
}

const headSeq = async (server: Server): Promise<number> =>
  Number((await call(server, "GET", "/events?limit=1"))["head_seq"]);

async function backlog(server: Server, receiver: Receiver, webhooks: number): Promise<void> {
  const from = await headSeq(server);
  for (let batch = 0; batch < batches; batch += 1) {
    const changes = Array.from({ length: 1_000 }, (_, n) => changeOf(batch * 1_000 + n));
    await call(server, "POST", "/stock/batch", { changes });
  }
  const to = await headSeq(server);
  receiver.got.length = 0;
  const ids: string[] = [];
  for (let n = 0; n < webhooks; n += 1) {
    const url = `${receiver.url}/${n}`;
    ids.push(String((await call(server, "POST", "/webhooks", { url, after_seq: from }))["id"]));
  }
  const cpuBefore = server.cpuSeconds();
  const begun = performance.now();
  const wanted = (to - from) * webhooks;
  while (receiver.got.length < wanted) await pause(20);
  const took = (performance.now() - begun) / 1_000;
  const cpu = ((server.cpuSeconds() - cpuBefore) / wanted) * 1e6;
  for (const id of ids) {
    await fetch(`http://127.0.0.1:${server.port}/api/v1/webhooks/${id}`, {
      method: "DELETE",
      headers: { "X-API-Key": server.key },
    });
  }
  console.log(
    `backlog, ${webhooks} webhook(s): ${wanted} deliveries in ${took.toFixed(1)} s, ${Math.round(wanted / took)}/s, ${cpu.toFixed(0)} µs of the service's processor time each; ${orderOf(receiver, from, to)}`,
  );
}

/** What was missing, came out of order or twice, over all webhooks. */
function orderOf({ got }: Receiver, from: number, to: number): string {
  let [missing, outOfOrder, twice] = [0, 0, 0];
  for (const path of new Set(got.map((one) => one.path))) {
    const seen = new Set<number>();
    let last = from;
    for (const { body } of got.filter((one) => one.path === path)) {
      const seq = Number(body["seq"]);
      if (seen.has(seq)) twice += 1;
      else if (seq < last) outOfOrder += 1;
      seen.add(seq);
      last = Math.max(last, seq);
    }
    missing += to - from - seen.size;
  }
  return `missing ${missing}, out of order ${outOfOrder}, twice ${twice}`;
}

async function paced(server: Server, receiver: Receiver): Promise<void> {
  const from = await headSeq(server);
  receiver.got.length = 0;
  const arrivals = new Map<string, number>();
  receiver.answer = (response, { body }) => {
    const payload = body["payload"] as { readonly reference?: string };
    if (payload.reference !== undefined) arrivals.set(payload.reference, performance.now());
    response.writeHead(204).end();
  };
  await call(server, "POST", "/webhooks", { url: `${receiver.url}/paced`, after_seq: from });
  // It is noticed within half a second.
  await pause(1_000);
  const answered = new Map<string, number>();
  const begun = performance.now();
  const all: Promise<void>[] = [];
  for (let n = 0; n < rate * seconds; n += 1) {
    await pause(Math.max(0, begun + (n * 1_000) / rate - performance.now()));
    const reference = `paced-${n}`;
    const done = call(server, "POST", "/stock", { ...changeOf(n), reference });
    all.push(done.then(() => void answered.set(reference, performance.now())));
  }
  await Promise.all(all);
  while (arrivals.size < answered.size) await pause(20);
  const delays = openHistogram();
  for (const [reference, at] of answered) {
    delays.record(Math.max(0, (arrivals.get(reference) ?? Number.NaN) - at));
  }
  const to = await headSeq(server);
  const [p50, p99] = [50, 99].map((percent) => delays.percentile(percent).toFixed(0));
  console.log(
    `at a pace of ${rate}/s: delivered p50 ${p50} ms, p99 ${p99} ms after the write was answered; ${orderOf(receiver, from, to)}`,
  );
}

const server = await startOnhand({ WEBHOOKS_ALLOW_PRIVATE: "on" });
const receiver = await openReceiver();
try {
  await stockUp(server, { products, stores });
  await backlog(server, receiver, 1);
  await backlog(server, receiver, count);
  await paced(server, receiver);
} finally {
  await receiver.close();
  await server.stop();
}
