// What the build rewrites of a source, and what it leaves as it is.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compiled } from "../scripts/build-server.ts";

describe("a source in the package", () => {
  test("names modules as they are there, and the client as it was built", () => {
    const rewritten = [
      ['import { a } from "./a.ts";', 'import { a } from "./a.js";'],
      ['export { a } from "../a.ts";', 'export { a } from "../a.js";'],
      ['import "./a.ts";', 'import "./a.js";'],
      ['const a = await import("./a.ts");', 'const a = await import("./a.js");'],
      ['new URL("./writer.ts", import.meta.url)', 'new URL("./writer.js", import.meta.url)'],
      ['import("../../../sdk/src/client.ts")', 'import("../../../sdk/dist/client.js")'],
      ['import fastify from "fastify";', 'import fastify from "fastify";'],
    ] as const;
    for (const [from, to] of rewritten) assert.equal(compiled(from, true), to);
  });

  test("keeps every line and column", () => {
    const source = "interface A {\n  a: string;\n}\nexport const a = (x: A): string => x.a;\n";
    const built = compiled(source, true);
    assert.equal(built.length, source.length);
    assert.equal(built.split("\n")[3]?.indexOf("x.a"), source.split("\n")[3]?.indexOf("x.a"));
    assert.doesNotMatch(built, /interface|string/);
  });

  test("says how it is started from a package", () => {
    const text = "`Usage: npm run onhand -- keys; npm run -s onhand -- export; or npm start`";
    assert.equal(
      compiled(text, true),
      "`Usage: npx onhand keys; npx onhand export; or npx onhand serve`",
    );
  });

  test("says of the example where it is there", () => {
    assert.equal(
      compiled("// npx node examples/consumer.ts balances.db", true),
      "// node node_modules/onhand/dist/examples/consumer.js balances.db",
    );
  });

  test("is refused where it names a source in a way that nobody rewrites", () => {
    assert.throws(
      () => compiled('const file = "./a.ts"; import(file);', true),
      /"\.\/a\.ts" is not/,
    );
  });
});
