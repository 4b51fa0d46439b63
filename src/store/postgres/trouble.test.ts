// Which errors are the machine's and which are ours: a bug must not be told as a database that is away.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { DatabaseError } from "pg";
import { OperatingError } from "../../lib/operating-error.ts";
import { lost } from "./statements.ts";
import { isLost, troubleOf } from "./trouble.ts";

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

function ofServer(code: string, severity = "ERROR"): DatabaseError {
  return Object.assign(new DatabaseError("words of the server", 0, "error"), { code, severity });
}

const refused = new Promise<unknown>((resolve) => {
  connect({ port: 1, host: "127.0.0.1" }).on("error", resolve);
});
const noSocket = new Promise<unknown>((resolve) => {
  connect({ path: "/nowhere/.s.PGSQL.5432" }).on("error", resolve);
});
const never: { readonly timeout?: { readonly closed: boolean } } = {};

describe("a connection that is gone", () => {
  for (const [title, error] of [
    ["nobody listens", refused],
    ["there is no such socket", noSocket],
    ["pg lost it", new Error("Connection terminated unexpectedly")],
    ["nothing was heard in time", new Error("Query read timeout")],
    ["it was given up", lost],
    [
      "all hosts failed",
      Promise.all([refused, noSocket]).then((all) => new AggregateError(all, "no host answers")),
    ],
  ] as const) {
    test(`${title}: operating trouble, and lost`, async () => {
      const trouble = troubleOf(await error);
      assert.ok(trouble instanceof OperatingError);
      assert.ok(isLost(trouble));
    });
  }
});

describe("a bug with words in it that a lost connection has, too", () => {
  for (const [title, error] of [
    ["a property of nothing", thrownBy(() => (never.timeout as { closed: boolean }).closed)],
    [
      "an error of our own",
      new Error("the feed is closed, its timeout is over, it was terminated"),
    ],
    ["a range", new RangeError("not queryable after calling end")],
    ["a file that is not there", thrownBy(() => readFileSync("/nowhere/ca.pem"))],
  ] as const) {
    test(`${title} is told as it is`, () => {
      assert.equal(troubleOf(error), error);
      assert.equal(isLost(error), false);
    });
  }

  test("a statement that is wrong is told as it is", () => {
    const wrong = ofServer("42601");
    assert.equal(troubleOf(wrong), wrong);
  });
});

describe("a server that ends a connection", () => {
  for (const code of ["57P01", "57P02", "57P03", "57P04", "57P05", "08006", "0A000"]) {
    test(`with ${code} is operating trouble, and the connection is lost`, () => {
      const trouble = troubleOf(ofServer(code, "FATAL"));
      assert.ok(trouble instanceof OperatingError);
      assert.ok(isLost(trouble));
      assert.equal(trouble.retryable, code !== "57P04");
    });
  }
});
