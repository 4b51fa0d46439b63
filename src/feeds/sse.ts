// The live feed (Server-Sent Events, WHATWG HTML §9.2). Each client has a cursor in the log and is in
// one of two states:
//
//   catching up   reads pages of the log itself, as fast as its socket takes them
//        │ cursor has reached the tail
//        ▼
//   live          gets each event as the tail sees it
//
// A client that does not read is cut off, not waited for: when more than the bound waits for its socket,
// or when the socket was not emptied for a whole heartbeat. It comes back and resumes from its last id.
//
// Every event is checked against what the client may see. Whether it may still see anything is asked again at
// once where this instance ends its key or session, and every few seconds for what ends elsewhere.

import { envelopeText } from "../bus/envelope.ts";
import type { EventType } from "../domain/model.ts";
import { endOfTurn } from "../lib/waiting.ts";
import { pageLimitMax, sseBufferBytesMax, sseCheckMs, sseHeartbeatMs } from "../limits.ts";
import type { LogEvent, Store, StoreScope } from "../store/store.ts";

/** Where a client wants to begin. */
export type Start =
  | { readonly kind: "head" }
  | { readonly kind: "after"; readonly seq: number }
  /** The client knows another log: it is told so and begins at the head. */
  | { readonly kind: "reset" };

export interface FeedFilter {
  readonly type: EventType | null;
  readonly storeId: string | null;
  readonly productId: string | null;
  readonly stores: StoreScope;
}

/** One connection, as the HTTP layer gives it. */
export interface FeedClient {
  /** Whose it is: the id of its caller. */
  readonly caller: string;
  readonly filter: FeedFilter;
  readonly start: Start;
  write(text: string): void;
  /** Bytes that the socket has not taken yet. */
  buffered(): number;
  /** Resolves when the socket has taken what was written, or is closed. Never rejects. */
  drained(): Promise<void>;
  isAllowed(): Promise<boolean>;
  /** Ends the stream after what was written. */
  end(): void;
  /** Ends it at once and forgets what was not taken: who does not read cannot be waited for. */
  cut(): void;
}

export interface Feed {
  /** Serves the client until `end`; answers the function to call when its connection closes. */
  connect(client: FeedClient): () => void;
  clients(): number;
  /** A key or session of that caller has ended: its streams are asked whether they may go on. */
  recheck(caller: string): void;
  /** Ends all streams; clients come back elsewhere after a moment. */
  close(): void;
}

/** What the feed needs of the tail of the log. */
export interface Followed {
  seq(): number;
  follow(follower: (events: readonly LogEvent[]) => void): () => void;
}

export interface FeedOptions {
  readonly tail: Followed;
  readonly store: Pick<Store, "events">;
  readonly epoch: number;
  readonly failed: (error: unknown) => void;
  readonly heartbeatMs?: number;
}

/** Clients that are looked after in one turn of the event loop. */
const visitsPerTurn = 200;

export function openFeed(options: FeedOptions): Feed {
  const { tail, epoch, heartbeatMs = sseHeartbeatMs } = options;
  const connections = new Set<Connection>();
  let closed = false;

  const unfollow = tail.follow((events) => {
    // Whatever goes to many is written once.
    const frames: string[] = [];
    const frameOf = (index: number, event: LogEvent): string => {
      frames[index] ??= frame(epoch, event);
      return frames[index];
    };
    for (const connection of connections) connection.tell(events, frameOf);
  });

  async function visitAll(visit: (connection: Connection) => void): Promise<void> {
    let count = 0;
    for (const connection of [...connections]) {
      visit(connection);
      count += 1;
      if (count % visitsPerTurn === 0) await endOfTurn();
    }
  }

  const timers = [
    setInterval(() => void visitAll((one) => one.beat()), heartbeatMs),
    setInterval(() => void visitAll((one) => one.check()), sseCheckMs),
  ];
  for (const timer of timers) timer.unref();

  return {
    connect(client) {
      if (closed) {
        client.end();
        return () => undefined;
      }
      const connection = openConnection(client, options, () => connections.delete(connection));
      connections.add(connection);
      connection.begin();
      return () => connection.drop("end");
    },
    clients: () => connections.size,
    recheck(caller) {
      for (const connection of connections) if (connection.caller === caller) connection.check();
    },
    close() {
      closed = true;
      for (const timer of timers) clearInterval(timer);
      unfollow();
      for (const connection of connections) connection.drop("end");
    },
  };
}

type FrameOf = (index: number, event: LogEvent) => string;

interface Connection {
  readonly caller: string;
  /** Says where the client is and gives it what it has missed. */
  begin(): void;
  /** What the tail sees; nothing while it is catching up. */
  tell(events: readonly LogEvent[], frameOf: FrameOf): void;
  beat(): void;
  /** Ends it where its client may no longer see anything. */
  check(): void;
  drop(how: "end" | "cut"): void;
}

function openConnection(
  client: FeedClient,
  { tail, store, epoch, failed }: FeedOptions,
  gone: () => void,
): Connection {
  const { start, filter } = client;
  const head = tail.seq();
  /** All that the client may see up to here was written; nothing beyond. */
  let cursor = start.kind === "after" ? start.seq : head;
  let live = false;
  let closed = false;
  /** Since the last heartbeat the socket has not been empty. */
  let stuck = false;

  function drop(how: "end" | "cut"): void {
    if (closed) return;
    closed = true;
    gone();
    client[how]();
  }

  function dropFailed(error: unknown): void {
    failed(error);
    drop("cut");
  }

  async function catchUp(): Promise<void> {
    while (!closed && cursor < tail.seq()) {
      const page = await store.events({ ...filter, after: cursor, limit: pageLimitMax });
      if (closed) return;
      const text = page.items.map((event) => frame(epoch, event)).join("");
      if (text !== "") client.write(text);
      cursor = Math.max(cursor, page.scanned);
      await client.drained();
    }
    // No await since the cursor was compared: nothing can have come between.
    live = true;
  }

  async function check(): Promise<void> {
    if (!closed && !(await client.isAllowed())) drop("end");
  }

  async function beat(): Promise<void> {
    if (stuck) return drop("cut");
    await check();
    if (closed) return;
    // An id without data moves the client's Last-Event-ID and wakes nobody.
    client.write(`: heartbeat\nid: ${epoch}.${cursor}\n\n`);
    stuck = true;
    await client.drained();
    stuck = false;
  }

  return {
    caller: client.caller,
    begin() {
      if (start.kind !== "reset") client.write(`retry: 2000\nid: ${epoch}.${cursor}\n\n`);
      else {
        // Nothing moves the client's id before it is told: cut off in between, it would never hear of it.
        client.write("retry: 2000\n\n");
        const current = JSON.stringify({ epoch, head_seq: head });
        client.write(`event: log_reset\nid: ${epoch}.${head}\ndata: ${current}\n\n`);
      }
      catchUp().catch(dropFailed);
    },
    tell(events, frameOf) {
      if (!live) return;
      let text = "";
      for (const [index, event] of events.entries()) {
        // The log may have been read further than the tail was: then these were written already.
        if (event.seq > cursor && matches(filter, event)) text += frameOf(index, event);
      }
      cursor = Math.max(cursor, events.at(-1)?.seq ?? 0);
      if (text === "") return;
      client.write(text);
      if (client.buffered() > sseBufferBytesMax) drop("cut");
    },
    beat() {
      if (!closed) beat().catch(dropFailed);
    },
    check() {
      check().catch(dropFailed);
    },
    drop,
  };
}

function frame(epoch: number, event: LogEvent): string {
  return `id: ${epoch}.${event.seq}\nevent: ${event.type}\ndata: ${envelopeText(event)}\n\n`;
}

function matches(filter: FeedFilter, event: LogEvent): boolean {
  const { type, storeId, productId, stores } = filter;
  if (type !== null && event.type !== type) return false;
  if (storeId !== null && event.storeId !== storeId) return false;
  if (productId !== null && event.productId !== productId) return false;
  return stores === "*" || event.storeId === "*" || stores.includes(event.storeId);
}
