// A port that nobody listens on, for servers that do not choose one themselves.

import { createServer } from "node:net";
import { must } from "../../src/lib/assert.ts";

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = must(server.address(), "it listens");
      server.close(() => resolve(typeof address === "object" ? address.port : 0));
    });
  });
}
