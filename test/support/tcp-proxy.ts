// A cable between a program and a server, which a test may cut, or lead to another server. With a PostgreSQL it can cut
// at the moment that matters most: when a COMMIT has been sent, and before it is answered. The server then has it or does
// not, as the test says.

import { connect, createServer, type Socket } from "node:net";
import { must } from "../../src/lib/assert.ts";

/**
 * What happens to one COMMIT. "lost": the server never gets it; "unanswered": it does, and nobody hears; "late":
 * it gets it a while after the client's side was cut; "dismissed": it is done, and what is heard is that the server
 * ends the connection.
 */
export type Fault = "lost" | "unanswered" | "late" | "dismissed" | null;

const lateMs = 150;

export interface TcpProxy {
  /** The same database by way of the proxy. */
  urlOf(direct: string): string;
  /** Decides about each COMMIT that goes through from now on. */
  atCommit(decide: () => Fault): void;
  /** COMMITs that were cut. */
  cuts(): number;
  /** Cuts all cables, and lets nobody in until `mend`. */
  sever(): void;
  mend(): void;
  /** New cables lead to that server; those that there are stay where they are. */
  pointAt(direct: string): void;
  close(): Promise<void>;
}

/** Statements of PostgreSQL's frontend protocol have names; COMMIT is told by its text, or by its name then. */
function openReader(): (chunk: Buffer) => boolean {
  const commits = new Set<string>();
  let rest = Buffer.alloc(0);
  let hasBegun = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    let found = false;
    for (;;) {
      // The first message has no type.
      const head = hasBegun ? 1 : 0;
      if (rest.length < head + 4) return found;
      const end = head + rest.readInt32BE(head);
      if (rest.length < end) return found;
      const body = rest.subarray(head + 4, end).toString("latin1");
      const [first = "", second = ""] = body.split("\0");
      const type = hasBegun ? String.fromCharCode(rest[0] ?? 0) : "";
      if (type === "P") commits[second === "COMMIT" ? "add" : "delete"](first);
      if (type === "B" && commits.has(second)) found = true;
      hasBegun = true;
      rest = rest.subarray(end);
    }
  };
}

/** What a backend says last when an operator ends it. */
function dismissal(): Buffer {
  const words = "terminating connection due to administrator command";
  const fields = ["SFATAL", "VFATAL", "C57P01", `M${words}`].map((one) => `${one}\0`).join("");
  const message = Buffer.from(`E\0\0\0\0${fields}\0`, "latin1");
  message.writeInt32BE(message.length - 1, 1);
  return message;
}

export async function startProxy(direct: string): Promise<TcpProxy> {
  const first = Number(new URL(direct).port);
  let target = first;
  const sockets = new Set<Socket>();
  let decide: () => Fault = () => null;
  let cuts = 0;
  let isSevered = false;

  function join(client: Socket): void {
    const server = connect(target, "127.0.0.1");
    const reads = openReader();
    let isDeaf = false;
    let isLate = false;
    let isDismissed = false;
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        if (!isLate) cut();
      });
    }
    if (isSevered) cut();
    client.on("data", (chunk: Buffer) => {
      const fault = reads(chunk) ? decide() : null;
      if (fault !== null) cuts += 1;
      if (fault === "lost") return cut();
      isDeaf ||= fault !== null;
      isDismissed ||= fault === "dismissed";
      if (fault !== "late") return void server.write(chunk);
      isLate = true;
      client.destroy();
      setTimeout(() => server.write(chunk), lateMs);
    });
    server.on("data", (chunk: Buffer) => {
      // The answer is there: so the commit is done.
      if (!isDeaf) client.write(chunk);
      else if (isDismissed) client.end(dismissal());
      else cut();
    });
  }

  const listener = createServer(join);
  await new Promise<void>((resolve) => {
    listener.listen(0, "127.0.0.1", resolve);
  });
  const address = must(listener.address(), "it listens");
  const port = typeof address === "object" ? address.port : 0;
  const sever = (): void => {
    isSevered = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    urlOf: (url) => url.replace(new RegExp(`:${first}(?=/|$)`), `:${port}`),
    atCommit(next) {
      decide = next;
    },
    cuts: () => cuts,
    sever,
    mend() {
      isSevered = false;
    },
    pointAt(other) {
      target = Number(new URL(other).port);
    },
    async close() {
      sever();
      await new Promise((resolve) => {
        listener.close(resolve);
      });
    },
  };
}
