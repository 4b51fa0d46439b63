// Whether a value fits a JSON schema, worked out a second time: for tests that must know what the
// documents promise without asking the validator that they test. It knows the keywords that the
// service's schemas use and stumbles over any other, so that it cannot be lenient by ignorance.

export type Schema = Readonly<Record<string, unknown>>;

/** JSON pointers to everything that does not fit; none: it fits. `at` finds what a `$ref` means. */
export function faultsOf(
  schema: Schema,
  value: unknown,
  at: (reference: string) => Schema,
  pointer = "",
): string[] {
  const faults: string[] = [];
  for (const [keyword, argument] of Object.entries(schema)) {
    if (silent.has(keyword)) continue;
    const check = checks[keyword];
    if (check === undefined) throw new Error(`the keyword ${keyword} is not known here`);
    faults.push(...check({ argument, value, schema, at, pointer }));
  }
  return [...new Set(faults)];
}

interface Question {
  readonly argument: unknown;
  readonly value: unknown;
  readonly schema: Schema;
  readonly at: (reference: string) => Schema;
  readonly pointer: string;
}
type Check = (question: Question) => readonly string[];

const silent: ReadonlySet<string> = new Set(["title", "description", "default", "else"]);

/** A rule about the value itself: false is a fault at its place. */
function rule(holds: (value: unknown, argument: unknown) => boolean): Check {
  return ({ value, argument, pointer }) => (holds(value, argument) ? [] : [pointer]);
}
const ofText = (holds: (text: string, argument: unknown) => boolean): Check =>
  rule((value, argument) => typeof value !== "string" || holds(value, argument));
const ofNumber = (holds: (number: number, argument: unknown) => boolean): Check =>
  rule((value, argument) => typeof value !== "number" || holds(value, argument));
const ofList = (holds: (list: readonly unknown[], argument: unknown) => boolean): Check =>
  rule((value, argument) => !Array.isArray(value) || holds(value, argument));

const checks: Readonly<Record<string, Check>> = {
  $ref: ({ argument, value, at, pointer }) => faultsOf(at(String(argument)), value, at, pointer),
  type: rule((value, types) => [types].flat().some((type) => isOfType(value, String(type)))),
  enum: rule((value, words) => Array.isArray(words) && words.includes(value)),
  not: ({ argument, value, at, pointer }) =>
    faultsOf(argument as Schema, value, at).length > 0 ? [] : [pointer],
  minLength: ofText((text, least) => Array.from(text).length >= Number(least)),
  maxLength: ofText((text, most) => Array.from(text).length <= Number(most)),
  pattern: ofText((text, pattern) => new RegExp(String(pattern), "u").test(text)),
  minimum: ofNumber((number, least) => number >= Number(least)),
  maximum: ofNumber((number, most) => number <= Number(most)),
  minItems: ofList((list, least) => list.length >= Number(least)),
  maxItems: ofList((list, most) => list.length <= Number(most)),
  uniqueItems: ofList(
    (list) => new Set(list.map((one) => JSON.stringify(one))).size === list.length,
  ),
  items: ({ argument, value, at, pointer }) =>
    Array.isArray(value)
      ? value.flatMap((item, index) =>
          faultsOf(argument as Schema, item, at, `${pointer}/${index}`),
        )
      : [],
  properties: ({ argument, value, at, pointer }) =>
    isObject(value)
      ? Object.entries(argument as Record<string, Schema>).flatMap(([name, schema]) =>
          Object.hasOwn(value, name)
            ? faultsOf(schema, value[name], at, `${pointer}/${escaped(name)}`)
            : [],
        )
      : [],
  additionalProperties: ({ argument, value, schema, pointer }) =>
    isObject(value) && argument === false
      ? Object.keys(value)
          .filter((name) => !Object.hasOwn(Object(schema["properties"]), name))
          .map((name) => `${pointer}/${escaped(name)}`)
      : [],
  required: ({ argument, value, pointer }) =>
    isObject(value)
      ? (argument as readonly string[])
          .filter((name) => !Object.hasOwn(value, name))
          .map((name) => `${pointer}/${escaped(name)}`)
      : [],
  minProperties: rule(
    (value, least) => !isObject(value) || Object.keys(value).length >= Number(least),
  ),
  if: ({ argument, value, schema, at, pointer }) =>
    faultsOf(argument as Schema, value, at).length > 0
      ? faultsOf(schema["else"] as Schema, value, at, pointer)
      : [],
};

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isInteger(value);
    case "number":
      return Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As JSON pointers write it; the service names at most 100 characters of a field that it does not know. */
function escaped(name: string): string {
  return name.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
}
