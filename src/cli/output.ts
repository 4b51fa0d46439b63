// What commands print. On a terminal a table for people; in a pipe, one JSON object a line for programs; --table and
// --json say otherwise. Rows are written as they come, so a list of any length needs the memory of a page, and a reader that
// stops early (`| head`) ends the command quietly.

import { once } from "node:events";

export type Row = Readonly<Record<string, unknown>>;

export interface Output {
  /** Whether people read it. */
  readonly isTable: boolean;
  rows(rows: AsyncIterable<object> | Iterable<object>, columns: readonly string[]): Promise<void>;
  /** One thing, with all its fields. */
  one(value: object): Promise<void>;
  line(text: string): Promise<void>;
}

interface Sink {
  readonly isTTY?: boolean;
  write(text: string): boolean;
  on(event: "error", heard: (error: Error) => void): unknown;
}

/** Rows that a table's widths are made from: what is seen at once. */
const tableRows = 50;

export interface Form {
  readonly json?: boolean | undefined;
  readonly table?: boolean | undefined;
}

export const formOptions = { json: { type: "boolean" }, table: { type: "boolean" } } as const;

export const formHelp = `  --json               one JSON object a line, as in a pipe
  --table              a table, as on a terminal
`;

export function openOutput(sink: Sink, { json = false, table = false }: Form): Output {
  const isTable = (table || sink.isTTY === true) && !json;
  sink.on("error", (error) => {
    // Whoever read has seen enough.
    if ("code" in error && error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const line = async (text: string): Promise<void> => {
    if (!sink.write(`${text}\n`)) await once(sink as never, "drain");
  };
  return {
    isTable,
    line,
    async rows(rows, columns) {
      if (isTable) return printTable(rows, columns, line);
      for await (const row of rows) await line(JSON.stringify(row));
    },
    async one(value) {
      if (!isTable) return line(JSON.stringify(value));
      for (const text of linesOf(value)) await line(text);
    },
  };
}

async function printTable(
  rows: AsyncIterable<object> | Iterable<object>,
  columns: readonly string[],
  line: (text: string) => Promise<void>,
): Promise<void> {
  let widths = columns.map((name) => name.length);
  let waiting: string[][] = [];
  let seen = 0;
  const isNumber = columns.map(() => true);
  const print = async (cells: readonly string[]): Promise<void> => {
    const texts = cells.map((cell, at) => padded(cell, widths[at] ?? 0, isNumber[at] === true));
    await line(texts.join("  ").trimEnd());
  };
  const flush = async (): Promise<void> => {
    widths = widths.map((width, at) =>
      Math.max(width, ...waiting.map((cells) => lengthOf(cells[at] ?? ""))),
    );
    if (seen <= tableRows) await print(columns.map((name) => name.toUpperCase()));
    for (const cells of waiting) await print(cells);
    waiting = [];
  };
  for await (const row of rows) {
    const values = columns.map((name) => (row as Row)[name]);
    for (const [at, value] of values.entries()) {
      if (typeof value !== "number" && value !== null && value !== undefined) isNumber[at] = false;
    }
    waiting.push(values.map(cellOf));
    seen += 1;
    if (waiting.length === tableRows) await flush();
  }
  if (seen === 0) return line("(none)");
  if (waiting.length > 0) await flush();
}

function linesOf(value: object): string[] {
  const entries = Object.entries(value);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, field]) => `${name.padEnd(width)}  ${cellOf(field)}`.trimEnd());
}

function padded(text: string, width: number, right: boolean): string {
  const space = " ".repeat(Math.max(0, width - lengthOf(text)));
  return right ? space + text : text + space;
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** As a person reads it. Control characters in a name could otherwise move the cursor or colour the screen. */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.replace(/\p{Cc}+/gu, " ");
}

/** The first so many of what comes. */
export async function* firstOf<Item>(
  items: AsyncIterable<Item>,
  count: number,
): AsyncGenerator<Item, void, undefined> {
  if (count <= 0) return;
  let left = count;
  for await (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
}
