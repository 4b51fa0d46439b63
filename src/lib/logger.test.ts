// The log: JSON lines in UTC, and no secret in any of them, however it got into a field.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openLogger } from "./logger.ts";
import { OperatingError } from "./operating-error.ts";

function logged(write: (logger: ReturnType<typeof openLogger>) => void): string[] {
  const lines: string[] = [];
  const sink = { write: (line: string) => lines.push(line) };
  write(openLogger({ level: "info", bindings: { instance_id: "a" }, sink }));
  return lines;
}

test("a line is JSON with its level by name, its time in UTC and the instance's id", () => {
  const [line = ""] = logged((logger) => logger.info({ store_id: "MAD-001" }, "hello"));
  const { time, ...rest } = JSON.parse(line);
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, { level: "info", instance_id: "a", store_id: "MAD-001", msg: "hello" });
});

test("secrets are blacked out by the name of their field, in any case and inside", () => {
  const [line = ""] = logged((logger) =>
    logger.info({
      token: "s3cret",
      Authorization: "s3cret",
      request: { headers: { cookie: "s3cret", "x-api-key": "s3cret", accept: "*/*" } },
    }),
  );
  assert.doesNotMatch(line, /s3cret/);
  assert.match(line, /"accept":"\*\/\*"/);
});

test("a request or an answer of the framework is cut down to what belongs in a log", () => {
  const [line = ""] = logged((logger) =>
    logger.info({
      req: { id: "r", method: "GET", url: "/?s3cret" },
      res: { statusCode: 200, raw: {} },
    }),
  );
  const { req, res } = JSON.parse(line);
  assert.deepEqual({ req, res }, { req: { id: "r", method: "GET" }, res: { statusCode: 200 } });
});

test("an error comes with its stack and its cause", () => {
  const error = new Error("outer", { cause: new Error("inner") });
  const [line = ""] = logged((logger) => logger.error({ err: error }, "failed"));
  assert.match(JSON.parse(line).err.stack, /outer[\s\S]*logger\.test\.ts[\s\S]*inner/);
});

test("the machine's trouble comes in its own words, without a stack", () => {
  const error = new OperatingError("the database is away", {
    retryable: true,
    cause: new Error("inner"),
  });
  const [line = ""] = logged((logger) => logger.warn({ err: error }, "no luck"));
  assert.deepEqual(JSON.parse(line).err, {
    type: "OperatingError",
    message: "the database is away",
  });
});

test("a line that breaks lines stays one line", () => {
  const lines = logged((logger) => logger.info({ route: 'a\r\n{"level":"fatal"}' }, "x\ny"));
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.trimEnd().split("\n").length, 1);
});
