// Bytes to a server and the bytes that come back: for requests that no HTTP client would send.

import assert from "node:assert/strict";
import { connect } from "node:net";

/** What the server says until it closes the connection, or until `enough` of it has come. */
export function speak(
  base: string,
  bytes: string | Buffer,
  enough: (heard: string) => boolean = () => false,
): Promise<string> {
  const { hostname, port } = new URL(base);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(Number(port), hostname);
  let heard = "";
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    heard += text;
    if (enough(heard)) socket.destroy();
  });
  // A server that closes while we still speak resets the connection; what it said before counts.
  socket.on("error", () => undefined);
  socket.on("close", () => resolve(heard));
  socket.setTimeout(10_000, () => {
    socket.destroy();
    reject(new Error(`no answer to ${String(bytes).slice(0, 80)}; heard ${heard.slice(0, 200)}`));
  });
  socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  return promise;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** The answers in what was heard, one behind the other. */
export function answersIn(heard: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = heard;
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    assert.ok(end !== -1, `no answer: ${rest.slice(0, 200)}`);
    const [first = "", ...fields] = rest.slice(0, end).split("\r\n");
    const headers = Object.fromEntries(
      fields.map((field) => {
        const [name = "", value = ""] = field.split(/: ?(.*)/s, 2);
        return [name.toLowerCase(), value];
      }),
    );
    const length = Number(headers["content-length"] ?? 0);
    const text = rest.slice(end + 4, end + 4 + length);
    const isJson = /[/+]json/.test(headers["content-type"] ?? "");
    answers.push({
      status: Number(first.split(" ")[1]),
      headers,
      text,
      body: isJson && text !== "" ? JSON.parse(text) : {},
    });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

/**
 * What the server says to a client that ends its side once nothing has come for a moment, as one does that waits
 * for no more. A server that lets the connection be is a failure.
 */
export function speakThenEnd(base: string, bytes: Buffer, quietMs = 50): Promise<string> {
  const { hostname, port } = new URL(base);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  let heard = "";
  let ended = false;
  socket.setEncoding("latin1").on("data", (text: string) => {
    heard += text;
  });
  socket.on("error", () => undefined);
  socket.on("end", () => socket.end());
  socket.on("close", () => resolve(heard));
  socket.setTimeout(quietMs, () => {
    if (ended) {
      reject(
        new Error(`left hanging: ${JSON.stringify(bytes.toString("latin1").slice(0, 2_000))}`),
      );
      socket.destroy();
      return;
    }
    ended = true;
    socket.end();
    socket.setTimeout(30_000);
  });
  socket.write(bytes);
  return promise;
}
