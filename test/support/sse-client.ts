// A client of Server-Sent Events for tests, over a real connection: it reads the stream as browsers do
// (WHATWG HTML §9.2.6) and shows what it has heard so far.

import { type Agent, type IncomingMessage, request } from "node:http";
import { until } from "./until.ts";

export interface Heard {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

export interface SseClient {
  readonly response: IncomingMessage;
  /** What it says before the stream: a problem, where there is no stream. */
  readonly status: number;
  readonly heard: readonly Heard[];
  /** The numbers of the events heard, in order. */
  seqs(): number[];
  /** What a browser would send when it reconnects. */
  lastId(): string;
  heartbeats(): number;
  ended(): boolean;
  /** Waits until the condition holds. */
  hears(condition: (heard: readonly Heard[]) => boolean, what: string): Promise<void>;
  close(): void;
}

export interface SseOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  /** Takes nothing from its socket. */
  readonly deaf?: boolean;
}

export function openSse(url: string, options: SseOptions = {}): Promise<SseClient> {
  const { headers = {}, agent, deaf = false } = options;
  const { promise, resolve, reject } = Promise.withResolvers<SseClient>();
  const asked = request(url, { headers, ...(agent === undefined ? {} : { agent }) });
  asked.on("error", reject);
  asked.on("response", (response) => resolve(listen(response, deaf)));
  asked.end();
  return promise;
}

function listen(response: IncomingMessage, deaf: boolean): SseClient {
  const heard: Heard[] = [];
  let [lastId, heartbeats, ended, rest] = ["", 0, false, ""];
  const end = (): void => {
    ended = true;
  };
  response.on("close", end);
  response.on("error", end); // The server cut the connection.
  response.setEncoding("utf8");

  function take(block: string): void {
    let [event, data] = ["message", ""];
    for (const line of block.split("\n")) {
      const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (line === ": heartbeat") heartbeats += 1;
      else if (field === "id") lastId = value;
      else if (field === "event") event = value;
      else if (field === "data") data += data === "" ? value : `\n${value}`;
    }
    if (data !== "") heard.push({ id: lastId, event, data });
  }

  if (deaf) response.pause();
  else {
    response.on("data", (text: string) => {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) take(block);
    });
  }
  return {
    response,
    status: response.statusCode ?? 0,
    heard,
    seqs: () =>
      heard.filter(({ event }) => event !== "log_reset").map(({ id }) => Number(id.split(".")[1])),
    lastId: () => lastId,
    heartbeats: () => heartbeats,
    ended: () => ended,
    hears: (condition, what) => until(() => condition(heard), what),
    close: () => response.destroy(),
  };
}
