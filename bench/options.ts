// What `npm run bench` may be asked, and what that means in seconds.

import { parseArgs } from "node:util";
import { rounds } from "./fill-sql.ts";

export interface Options {
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly connections: number;
  readonly repeat: number;
  /** Of the large database. */
  readonly rows: number;
  readonly reservations: number;
  /** Only measurements whose id begins with one of these; none: all. */
  readonly only: readonly string[];
  /** Under which name the results are written to bench/results; null: they are only printed. */
  readonly name: string | null;
}

export const usage = `npm run bench [-- [ID ...] [options]]

Measures everything (about ten minutes), prints a table, writes bench/results/latest.json, .md and .svg, and puts
the figures into the documents. With an ID, only what begins with it (sqlite, postgres/reserve, large, engine),
and nothing is written unless it is given a name.

  --seconds N       of one window (4)
  --repeat N        windows of each measurement, of which the median counts (3)
  --connections N   of the load generator (128)
  --rows N          stock rows of the large database (100,000), a multiple of 40; it has ten reservations for each
  --full            windows of 10 s, five of each, 1,000,000 rows and 10,000,000 reservations: about an hour and a half
  --quick           windows of a second, one of each, a small "large" database: to see that everything works
  --name NAME       writes bench/results/NAME.json, .md and .svg`;

const sizes = {
  usual: { seconds: 4, warmupSeconds: 1.5, repeat: 3, rows: 100_000 },
  full: { seconds: 10, warmupSeconds: 3, repeat: 5, rows: 1_000_000 },
  quick: { seconds: 1, warmupSeconds: 0.5, repeat: 1, rows: 2_000 },
} as const;

/** null: only to be told what there is. */
export function optionsFrom(args: readonly string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seconds: { type: "string" },
      repeat: { type: "string" },
      connections: { type: "string", default: "128" },
      rows: { type: "string" },
      full: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      name: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const size = sizes[values.full ? "full" : values.quick ? "quick" : "usual"];
  // Now, and not after all that comes before the large database.
  const rows = numberOf(values.rows, size.rows);
  if (rows % 40 !== 0) throw new Error("--rows is a multiple of 40");
  const isWhole = positionals.length === 0 && !values.quick;
  return {
    seconds: numberOf(values.seconds, size.seconds),
    warmupSeconds: size.warmupSeconds,
    repeat: numberOf(values.repeat, size.repeat),
    connections: numberOf(values.connections, 128),
    rows,
    reservations: rows * rounds,
    only: positionals,
    name: values.name ?? (isWhole ? "latest" : null),
  };
}

function numberOf(text: string | undefined, otherwise: number): number {
  const number = text === undefined ? otherwise : Number(text);
  if (!(number > 0)) throw new Error(`${text} is no number above 0`);
  return number;
}
