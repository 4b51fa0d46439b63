// The caller's own JSON object in a body. What is kept of it is what was given, or it is refused: too
// large, nested without end, or with a number that a double would make into another. Only the text of the
// body tells 9007199254740993 from 9007199254740992. This is looked at when the body fits its schema, so
// that there is little else to read a second time, and before anything else goes into its depths.

import type { preHandlerHookHandler } from "fastify";
import { jsonDepthMax, metadataBytesMax } from "../limits.ts";
import { invalidField, type ProblemError } from "./problem.ts";
import { escaped } from "./validation.ts";

/** A hook of routes whose body has metadata. */
export const mustKeepMetadata: preHandlerHookHandler = ({ body, bodyText }, _reply, done) => {
  done(metadataFault(body, bodyText));
};

/** What is wrong with the metadata of a body that was read from `text`. */
export function metadataFault(body: unknown, text: string): ProblemError | undefined {
  const metadata = metadataOf(body);
  if (metadata === undefined || metadata === null) return undefined;
  if (isDeeper(metadata, jsonDepthMax)) {
    return invalidField("/metadata", `must not be nested deeper than ${jsonDepthMax}`);
  }
  if (Buffer.byteLength(JSON.stringify(metadata)) > metadataBytesMax) {
    return invalidField("/metadata", `must be at most ${metadataBytesMax} bytes as JSON`);
  }
  const path = pathOfLost(metadataOf(withLostMarked(text)), "/metadata");
  return path === null
    ? undefined
    : invalidField(path, "is a number that cannot be kept as it is; send it as text");
}

function metadataOf(body: unknown): unknown {
  return typeof body === "object" && body !== null ? Reflect.get(body, "metadata") : undefined;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}

/** Stands in place of a number that would be kept as another. */
const lost = Symbol("lost");

// The language's types do not know yet what a number's reviver is told of its text.
type Reviver = (
  this: unknown,
  name: string,
  value: unknown,
  context: { source: string },
) => unknown;
type ReadJson = (text: string, reviver: Reviver) => unknown;
const readJson: ReadJson = JSON.parse as ReadJson;

function withLostMarked(text: string): unknown {
  return readJson(text, (_name, value, { source }) =>
    typeof value === "number" && decimalOf(String(value)) !== decimalOf(source) ? lost : value,
  );
}

function pathOfLost(value: unknown, path: string): string | null {
  if (value === lost) return path;
  if (typeof value !== "object" || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    const found = pathOfLost(part, `${path}/${escaped(name)}`);
    if (found !== null) return found;
  }
  return null;
}

/** The same for each way to write a number: its digits without the zeros around them, and their place. */
function decimalOf(written: string): string {
  const [mantissa = "", exponent = "0"] = written.replace(/^-/, "").toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  const first = digits.search(/[1-9]/);
  if (first === -1) return "0";
  let end = digits.length;
  while (digits.endsWith("0", end)) end -= 1;
  return `${digits.slice(first, end)}e${whole.length - first + Number(exponent)}`;
}
