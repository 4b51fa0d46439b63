// The builders make what TypeBox makes: the types, which are TypeBox's, are true of it.

import { deepEqual } from "node:assert/strict";
import { describe, test } from "node:test";
import * as typebox from "typebox";
import { Type } from "./type.ts";

type Builder = Pick<typeof typebox.Type, keyof typeof Type>;

const declarations: Readonly<Record<string, (type: Builder) => object>> = {
  "a list": (type) => type.Array(type.Integer({ minimum: 1 }), { maxItems: 3, title: "List" }),
  "a list of lists": (type) => type.Array(type.Array(type.Boolean({ default: true }))),
  nothing: (type) => type.Null({ description: "No content." }),
  numbers: (type) => type.Array(type.Number({ maximum: 0.5 })),
  "an object": (type) =>
    type.Object(
      { a: type.String({ pattern: "^x$" }), b: type.Optional(type.Boolean()), c: type.Null() },
      { additionalProperties: false, title: "Three" },
    ),
  "an object of nothing": (type) => type.Object({}),
  "an object of which all may be missing": (type) =>
    type.Object({ a: type.Optional(type.Integer()) }),
  "an object in an object": (type) =>
    type.Object({ inner: type.Optional(type.Object({ deep: type.Number() })) }),
  "a copy of what may be missing": (type) =>
    type.Object({ a: type.Unsafe<string>({ ...type.Optional(type.String()), minLength: 1 }) }),
  "what may be missing, said again": (type) => {
    const shared = type.String();
    return type.Object({
      a: type.Optional(shared),
      b: shared,
      c: type.Optional(type.Unsafe(shared)),
    });
  },
  "a record": (type) => type.Record(type.String(), type.Integer(), { description: "By id." }),
  "a schema as it is": (type) => type.Unsafe<string | null>({ type: ["string", "null"] }),
};

describe("a declaration", () => {
  for (const [name, declare] of Object.entries(declarations)) {
    test(`of ${name} is what TypeBox makes of it`, () => {
      deepEqual(plain(declare(Type)), plain(declare(typebox.Type)));
    });
  }
});

/** What is said of it as JSON, in the same order: TypeBox keeps marks of its own besides. */
function plain(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema));
}
