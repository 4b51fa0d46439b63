// What may come with Onhand is held to its licence; what is planted here must be found.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type LockedPackage, licenceProblems } from "../scripts/licences.ts";

const installed = (name: string, locked: LockedPackage): Record<string, LockedPackage> => ({
  "": { version: "0.1.0", license: "Apache-2.0" },
  [`node_modules/fastify/node_modules/${name}`]: { version: "1.0.0", ...locked },
});

describe("licences", () => {
  test("one that binds its users is refused, wherever it lies", () => {
    for (const license of [
      "GPL-3.0-only",
      "AGPL-3.0-or-later",
      "LGPL-2.1",
      "SSPL-1.0",
      "MPL-2.0",
    ]) {
      assert.deepEqual(licenceProblems(installed("viral", { license }), []), [
        `viral@1.0.0 is installed with it, and its licence is ${license}`,
      ]);
    }
  });

  test("none, and one that is no SPDX expression, is for somebody to read", () => {
    for (const license of ["SEE LICENSE IN LICENSE.txt", "UNLICENSED", "Custom", ""]) {
      assert.equal(licenceProblems(installed("odd", { license }), []).length, 1, license);
    }
    assert.match(licenceProblems(installed("bare", {}), [])[0] ?? "", /bare@1\.0\.0 .* is none$/);
  });

  test("of several to choose from one is enough; where all hold, all must be allowed", () => {
    const problemsOf = (license: string): number =>
      licenceProblems(installed("both", { license }), []).length;
    assert.equal(problemsOf("(MIT OR GPL-3.0-only)"), 0);
    assert.equal(problemsOf("MIT AND GPL-3.0-only"), 1);
    assert.equal(problemsOf("(MIT OR CC0-1.0) AND ISC"), 0);
  });

  test("a tool that stays here may have conditions for its own files, and no more", () => {
    const problemsOf = (license: string): number =>
      licenceProblems(installed("tool", { license, dev: true }), []).length;
    assert.equal(problemsOf("MPL-2.0"), 0);
    assert.equal(problemsOf("GPL-3.0-only"), 1);
  });

  test("what is in the console comes along, whatever installed it", () => {
    const locked = installed("ui", { license: "MPL-2.0", dev: true });
    const bundled = [{ name: "ui", version: "1.0.0", identifier: "MPL-2.0" }];
    assert.deepEqual(licenceProblems(locked, bundled), [
      "ui@1.0.0 is in the console, and its licence is MPL-2.0",
    ]);
  });

  test("folders of this repository are not packages of others", () => {
    const locked = { sdk: { version: "0.1.0" }, "node_modules/@onhand/client": { link: true } };
    assert.deepEqual(licenceProblems(locked, []), []);
  });
});
