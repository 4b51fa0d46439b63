// Validation of requests: two compilers of the same schemas. Bodies are taken as they are (a "5" is no
// number); query strings, paths and headers are text by nature, so there "5" becomes 5. Checking stops
// at the first fault, which bounds its cost. Faults become { path, message } in words a person can use.

import buildAjv from "@fastify/ajv-compiler";
import buildSerializer from "@fastify/fast-json-stringify-compiler";
import type {
  FastifySchemaCompiler,
  FastifySchemaValidationError,
  FastifySerializerCompiler,
} from "fastify";
import { patternWords } from "./schemas.ts";
import type { TSchema } from "./type.ts";

const strictly = {
  removeAdditional: false,
  useDefaults: true,
  allErrors: false,
  strict: true,
  strictTypes: true,
  strictRequired: false,
  strictTuples: true,
  allowUnionTypes: true,
  validateFormats: true,
} as const;

/**
 * Each schema is compiled when it is first needed (see `whenNeeded`), so that a service with fifty routes
 * need not compile all of them before it answers the first request.
 */
export function requestValidator(): FastifySchemaCompiler<TSchema> {
  const build = buildAjv();
  const asIs = build({}, { customOptions: { ...strictly, coerceTypes: false } });
  // Where strict about numbers, it passes over the bounds of 1e309, which text may become.
  const fromText = build(
    {},
    { customOptions: { ...strictly, coerceTypes: true, strictNumbers: false } },
  );
  return ({ schema, httpPart }) => {
    // The package takes a route part, not a bare schema as its types say.
    const validator = whenNeeded(() => (httpPart === "body" ? asIs : fromText)({ schema }));
    const validate: Validator = (value: unknown) => {
      const valid = validator()(value) === true;
      // The framework reads the faults off the function that it was given.
      validate.errors = validator().errors ?? null;
      return valid;
    };
    return validate;
  };
}

/** Serialisers of answers, likewise compiled when first needed: a fifth of the time of a start. */
export function answerSerializer(): FastifySerializerCompiler<TSchema> {
  const build = buildSerializer()({}, {});
  return (part) => {
    const serializer = whenNeeded(() => build({ httpStatus: "", ...part }));
    return (value) => serializer()(value);
  };
}

type Validator = ReturnType<FastifySchemaCompiler<TSchema>>;

function whenNeeded<Made>(make: () => Made): () => Made {
  let made: Made | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

export interface FieldError {
  readonly path: string;
  readonly message: string;
}

interface AjvFailure {
  readonly validation: readonly FastifySchemaValidationError[];
  readonly validationContext: string;
}

export function isAjvFailure(error: unknown): error is Error & AjvFailure {
  return (
    error instanceof Error &&
    "validation" in error &&
    Array.isArray(error.validation) &&
    "validationContext" in error
  );
}

export function validationErrors(
  faults: readonly FastifySchemaValidationError[],
  part: string,
): FieldError[] {
  // A failed `not` or `anyOf` comes with its branches; the first fault is the one that names the field.
  return faults.slice(0, 1).map((fault) => fieldError(fault, part));
}

function fieldError(fault: FastifySchemaValidationError, part: string): FieldError {
  const { keyword, params, instancePath } = fault;
  if (keyword === "additionalProperties") {
    return at(
      part,
      `${instancePath}/${escaped(params["additionalProperty"])}`,
      "is not known here",
    );
  }
  if (keyword === "required") {
    return at(part, `${instancePath}/${escaped(params["missingProperty"])}`, "is required");
  }
  return at(part, instancePath, messageOf(fault));
}

/** JSON pointers in a body; `?name` for a query's, `{name}` for a path's and the name of a header. */
function at(part: string, pointer: string, message: string): FieldError {
  const name = pointer.slice(1);
  switch (part) {
    case "querystring":
      return { path: `?${name}`, message };
    case "params":
      return { path: `{${name}}`, message };
    case "headers":
      return { path: name, message };
    default:
      return pointer === ""
        ? { path: "", message: `the body ${message}` }
        : { path: pointer, message };
  }
}

/** A name in a JSON pointer, cut to what is fit to be told. */
export function escaped(name: unknown): string {
  return String(name).slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
}

const nouns: Readonly<Record<string, string>> = {
  integer: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};

function messageOf({ keyword, params, message }: FastifySchemaValidationError): string {
  switch (keyword) {
    case "type": {
      const types = [params["type"]].flat().map((type) => nouns[String(type)] ?? String(type));
      return `must be ${types.join(" or ")}`;
    }
    case "enum":
      return `must be one of ${[params["allowedValues"]].flat().join(", ")}`;
    case "minimum":
      return `must be at least ${String(params["limit"])}`;
    case "maximum":
      return `must be at most ${String(params["limit"])}`;
    case "minLength":
    case "minItems":
      return params["limit"] === 1
        ? "must not be empty"
        : `must have at least ${String(params["limit"])} ${unitOf(keyword)}`;
    case "maxLength":
    case "maxItems":
      return `must have at most ${String(params["limit"])} ${unitOf(keyword)}`;
    case "minProperties":
      return "must have at least one field";
    case "uniqueItems":
      return "must not have the same entry twice";
    case "pattern":
      return `must be ${patternWords[String(params["pattern"])] ?? "of the documented form"}`;
    case "not":
      return "must not be 0";
    default:
      return message ?? "is not valid";
  }
}

function unitOf(keyword: string): string {
  return keyword.endsWith("Items") ? "entries" : "characters";
}
