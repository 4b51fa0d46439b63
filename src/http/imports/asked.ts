// What the request of an import says besides its file: what is to be done with it, how it is written, and which of its
// columns are which.

import type { FastifyRequest } from "fastify";
import { importShownMax } from "../../limits.ts";
import { encodingNamed } from "../../transfer/decode.ts";
import type { Format } from "../../transfer/records.ts";
import { invalidField, ProblemError } from "../problem.ts";
import { Id, OneOf, type Parts, ReasonCode } from "../schemas.ts";
import { type Static, Type } from "../type.ts";
import { importIdPattern } from "./import-id.ts";

export const ImportId = Type.String({
  pattern: importIdPattern,
  description: "Which import it is, as the answer of a preview says.",
});
/** Of any file. */
export const common = {
  mode: Type.Optional(
    OneOf(["preview", "apply"], "preview (where nothing is said) writes nothing."),
  ),
  import_id: Type.Optional(ImportId),
  columns: Type.Optional(
    Type.String({
      maxLength: 4_000,
      description: 'Which column a field is, where it is not called so: {"sku":"Artikel"}.',
    }),
  ),
  delimiter: Type.Optional(
    OneOf([",", ";", "\t", "|"], "Of CSV; else the one that the first row has most of."),
  ),
  after_row: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: "Rows up to this one were done: the row of the last progress that was heard.",
    }),
  ),
  show: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: importShownMax,
      description: "So many differences; 100 where nothing is said.",
    }),
  ),
};
/** Of a file of stock besides. */
export const ofStock = {
  store_id: Type.Optional(Id),
  reason: Type.Optional(ReasonCode),
};
export type Asked = Static<ReturnType<typeof Parts<typeof common & typeof ofStock>>>;

export function typeOf({ headers }: FastifyRequest): {
  format: Format;
  encoding: string | undefined;
} {
  const [type = "", ...parameters] = String(headers["content-type"]).toLowerCase().split(";");
  if (headers["content-encoding"] !== undefined && headers["content-encoding"] !== "identity") {
    throw new ProblemError("unsupported_media_type", "Send the body without a coding.");
  }
  const named = parameters.find((one) => one.trim().startsWith("charset="))?.split("=")[1];
  const format = type.trim() === "text/csv" ? "csv" : "jsonl";
  if (named === undefined) return { format, encoding: undefined };
  const encoding = encodingNamed(named.trim().replaceAll('"', ""));
  if (encoding === null) {
    throw invalidField("Content-Type", "must name a charset that there is, such as windows-1252");
  }
  // A mark at the beginning says more exactly what kind of UTF it is.
  return { format, encoding: encoding.startsWith("utf-") ? undefined : encoding };
}

export function columnsIn(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    const isFlat =
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((column) => typeof column === "string");
    if (isFlat) return value as Record<string, string>;
  } catch {
    // Told below, in one way.
  }
  throw invalidField("?columns", 'must be a JSON object of field and column, as {"sku":"Artikel"}');
}
