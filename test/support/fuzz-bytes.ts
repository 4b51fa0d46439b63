// Bytes for a server: requests that are right but for what happened to them on the way, and bytes that never
// were a request. A seed decides all of them.

import type { Chance } from "./fuzz-values.ts";

const put: readonly string[] = [
  ..."\r\n|\r|\n|\r\n\r\n|\n\n|\u0000|:| |\t|\r\n |,|;|/|?|#|%|%00|%2e%2e/|\\|\u00ff|\u007f".split(
    "|",
  ),
  ...[
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: 5\r\n",
    "Host: y\r\n",
    "Connection: close\r\n",
  ],
  ...[
    "Expect: 100-continue\r\n",
    "Upgrade: websocket\r\nConnection: Upgrade\r\n",
    "HTTP/1.0",
    "HTTP/9.9",
  ],
  ...[
    "http://evil.test",
    "0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "-1",
    "99999999999999999999",
    "GET / ",
  ],
  ...["a".repeat(5_000), "A: b\r\n".repeat(500), "%41".repeat(2_000)],
];

/** One or a few changes: a byte flipped, a run cut out or doubled, something put in, the end cut off. */
export function bentBytes(bytes: Buffer, chance: Chance): Buffer {
  let bent = bytes;
  for (let count = 1 + chance.below(3); count > 0; count -= 1) bent = bentOnce(bent, chance);
  return bent;
}

function bentOnce(bytes: Buffer, chance: Chance): Buffer {
  const at = chance.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + chance.below(chance.is(0.8) ? 8 : 200));
  const [before, part, behind] = [
    bytes.subarray(0, at),
    bytes.subarray(at, to),
    bytes.subarray(to),
  ];
  const flipped = Buffer.from(part);
  if (flipped.length > 0) flipped[0] = (flipped[0] ?? 0) ^ (1 << chance.below(8));
  const parts = chance.pick([
    [before, behind],
    [before, part, part, behind],
    [before, Buffer.from(chance.pick(put), "latin1"), part, behind],
    [before, flipped, behind],
    [before, flipped, behind],
    chance.is(0.3) ? [before] : [behind, before],
  ]);
  return Buffer.concat(parts);
}

/** Of any value, or of those that requests are made of. */
export function noise(chance: Chance): Buffer {
  const length = chance.pick([0, 1, 2, 3, 10, 100, 1_000, 20_000]);
  const from = Buffer.from(chance.is(0.5) ? 'GET /:HTP1.0\r\n\r\n\t ,;%"{}' : "", "latin1");
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) {
    bytes[at] = from.length > 0 ? (from[chance.below(from.length)] ?? 0) : chance.below(256);
  }
  return bytes;
}
