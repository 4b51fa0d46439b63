// The file of an import on its way to the service: what is asked of it, by which id it is known here, and patience where
// the service is busy.

import { createHash } from "node:crypto";
import type { Client, ImportLine, ImportQuery, Reason } from "../../../sdk/src/client.ts";
import { isOnhandError } from "../../../sdk/src/client.ts";
import { pause } from "../../lib/waiting.ts";
import { encodingNamed } from "../../transfer/decode.ts";
import type { Kind } from "../../transfer/mapping.ts";
import type { Format } from "../../transfer/records.ts";
import { UsageError } from "../command.ts";
import type { Source } from "./source.ts";

export interface Wanted {
  readonly kind: Kind;
  readonly file: string;
  readonly folder: string;
  readonly client: Client;
  readonly url: string;
  readonly apply: boolean;
  readonly again?: string | undefined;
  readonly map?: readonly string[] | undefined;
  readonly store?: string | undefined;
  readonly reason?: string | undefined;
  readonly format?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly encoding?: string | undefined;
  readonly errors?: string | undefined;
  readonly show?: string | undefined;
}

/** Sends the file, with what is asked of it besides. */
export type Send = (query: ImportQuery<"importStock">) => AsyncGenerator<ImportLine>;

export function sender({ client, kind, ...wanted }: Wanted, source: Source, format: Format): Send {
  const { store, reason, delimiter, encoding } = wanted;
  if (encoding !== undefined && encodingNamed(encoding) === null) {
    throw new UsageError(`--encoding ${encoding} is not known; windows-1252, say`);
  }
  const ofStock = kind === "stock" ? { store_id: store, reason: reason as Reason | undefined } : {};
  const common = {
    columns: columnsIn(wanted.map ?? []),
    delimiter: delimiter as ImportQuery<"importStock">["delimiter"],
    ...ofStock,
  };
  return (query) =>
    patiently(() =>
      client.imports[kind](source.read(), { ...common, ...query }, { format, charset: encoding }),
    );
}

const busyTriesMax = 10;

/** Comes again where the service was too busy to begin. */
async function* patiently(send: () => AsyncGenerator<ImportLine>): AsyncGenerator<ImportLine> {
  for (let left = busyTriesMax; ; left -= 1) {
    try {
      yield* send();
      return;
    } catch (error) {
      if (!isOnhandError(error, "overloaded") || left === 0) throw error;
      await pause(error.retryAfterMs ?? 1_000);
    }
  }
}

function columnsIn(maps: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    maps.map((text) => {
      // A column's name may hold an equals sign, a field's none.
      const at = text.lastIndexOf("=");
      if (at < 1) throw new UsageError('--map is "COLUMN=FIELD"');
      return [text.slice(at + 1).trim(), text.slice(0, at).trim()];
    }),
  );
}

/** The same file with the same options is the same import. */
export async function idOf(source: Source, wanted: Wanted, format: Format): Promise<string> {
  const { kind, map, store, reason, delimiter, encoding, url, again } = wanted;
  const options = { kind, map, store, reason, delimiter, encoding, url, format };
  const hash = createHash("sha256")
    .update(await source.hash())
    .update(JSON.stringify(options));
  const id = hash.digest("hex").slice(0, 12);
  return again === undefined ? id : `${id}-${again}`;
}
