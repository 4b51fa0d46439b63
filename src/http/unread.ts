// Ends an answer that its client does not read. A client that is slow is waited for as long as it takes anything at all;
// of one that takes nothing for so long, nobody knows whether it is still there, and what is kept for it is taken away.

import type { ServerResponse } from "node:http";
import { steady } from "../lib/clock.ts";

/** So often in that time it is looked. */
const looks = 4;

/** Cuts the answer where bytes wait for its client for so long, ms, and none of them is taken. */
export function cutUnread(raw: ServerResponse, msMax: number): void {
  let [taken, since] = [0, steady()];
  const timer = setInterval(() => {
    const { bytesWritten = 0, writableLength = 0 } = raw.socket ?? {};
    const now = bytesWritten - writableLength;
    // Where nothing waits it is the service that has nothing to send yet.
    if (now !== taken || raw.writableLength === 0) [taken, since] = [now, steady()];
    else if (steady() >= since + msMax) raw.destroy();
  }, msMax / looks);
  timer.unref();
  raw.once("close", () => clearInterval(timer));
}
