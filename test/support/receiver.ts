// A receiver of webhooks, for tests: it answers as it is told, and remembers what came.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Receiver {
  readonly url: string;
  readonly got: Received[];
  /** How many requests were under way at once, at most. */
  most(): number;
  answer: (response: ServerResponse, received: Received) => void;
  /** How long it takes for each answer, ms. */
  slowMs: number;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  let [busy, most] = [0, 0];
  const got: Received[] = [];
  const server = createServer((request, response) => {
    busy += 1;
    most = Math.max(most, busy);
    response.on("close", () => {
      busy -= 1;
    });
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const { url: path = "", headers } = request;
      const received = { path, headers, text, body: JSON.parse(text) };
      got.push(received);
      if (receiver.slowMs === 0) receiver.answer(response, received);
      else setTimeout(() => receiver.answer(response, received), receiver.slowMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    most: () => most,
    answer: (response) => response.writeHead(204).end(),
    slowMs: 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
