// What declares the shapes of requests and answers: TypeBox's types, and of its builders the ten that are used here,
// which make the same JSON Schema. TypeBox itself would have every start load some 370 modules for them
// (docs/decisions/0009-a-quick-start.md).

import type { TSchema, Type as TypeBox } from "typebox";

export type { Static, TProperties, TSchema } from "typebox";

type Keywords = Readonly<Record<string, unknown>>;
type Builders = Pick<
  typeof TypeBox,
  | "Array"
  | "Boolean"
  | "Integer"
  | "Null"
  | "Number"
  | "Object"
  | "Optional"
  | "Record"
  | "String"
  | "Unsafe"
>;

/** Properties that may be missing: a mark that no copy keeps, and no reader of the schema sees. */
const optional = new WeakSet<object>();

const builders = {
  Array: (items: TSchema, options?: Keywords) => ({ type: "array", items, ...options }),
  Boolean: (options?: Keywords) => ({ type: "boolean", ...options }),
  Integer: (options?: Keywords) => ({ type: "integer", ...options }),
  Null: (options?: Keywords) => ({ type: "null", ...options }),
  Number: (options?: Keywords) => ({ type: "number", ...options }),
  Object(properties: Readonly<Record<string, TSchema>>, options?: Keywords) {
    const names = Object.entries(properties).filter(([, schema]) => !optional.has(schema));
    const required = names.map(([name]) => name);
    return {
      type: "object",
      ...(required.length > 0 ? { required } : {}),
      properties,
      ...options,
    };
  },
  Optional(schema: TSchema) {
    const copy = { ...schema };
    optional.add(copy);
    return copy;
  },
  /** Of any names. */
  Record: (_names: TSchema, values: TSchema, options?: Keywords) => ({
    type: "object",
    patternProperties: { "^.*$": values },
    ...options,
  }),
  String: (options?: Keywords) => ({ type: "string", ...options }),
  /** A schema as it is, with the type that is said. */
  Unsafe: (schema: Keywords) => ({ ...schema }),
};

/** `Type.Object({ sku: Type.String({ maxLength: 64 }) })`: a JSON Schema, and by `Static` the type of what fits it. */
export const Type = builders as unknown as Builders;
