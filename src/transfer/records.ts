// Records of a file, CSV or JSON lines, with the row that a spreadsheet or an editor shows for them. What makes the rest
// of a file unreadable (a quote that does not close, a record without end) ends the reading with its row; what is
// wrong with one record alone is told with it.

import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { UnreadableError } from "./unreadable.ts";

export type Format = "csv" | "jsonl";

export interface Record {
  /** The head of a CSV file is row 1. */
  readonly row: number;
  readonly cells: Readonly<{ [column: string]: string }>;
  /** Why it cannot be used. */
  readonly fault: string | null;
}

/** Characters of one record: more than any that could be imported. */
export const recordLengthMax = 1_000_000;
export const columnsMax = 1_000;

export function recordsIn(
  text: AsyncIterable<string>,
  format: Format,
  delimiter: string | undefined,
): AsyncGenerator<Record> {
  return format === "csv" ? csvRecords(text, delimiter) : jsonRecords(text);
}

async function* csvRecords(
  text: AsyncIterable<string>,
  named: string | undefined,
): AsyncGenerator<Record> {
  const { beginning, all } = await peek(text);
  const parser = parse({
    delimiter: named ?? delimiterIn(beginning),
    relax_column_count: true,
    skip_empty_lines: false,
    max_record_size: recordLengthMax,
  });
  const from = Readable.from(all);
  from.on("error", (error) => parser.destroy(error));
  let head: string[] | null = null;
  let row = 0;
  try {
    for await (const cells of from.pipe(parser) as AsyncIterable<string[]>) {
      row += 1;
      if (head === null) {
        head = headOf(cells);
        continue;
      }
      if (cells.length === 1 && cells[0] === "") continue;
      yield csvRecord(row, head, cells);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // It has read ahead of what it has given: which row it is, only it knows.
    throw broken(error, Number(error["records"] ?? row) + 1);
  } finally {
    from.destroy();
  }
  if (head === null) {
    throw new UnreadableError("the file is empty: its first row has to name the columns", {
      row: 1,
    });
  }
}

function headOf(cells: readonly string[]): string[] {
  const names = cells.map((name) => name.trim());
  const twice = names.find((name, at) => name !== "" && names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new UnreadableError(`row 1 names the column "${cut(twice)}" twice`, { row: 1 });
  }
  if (names.length > columnsMax) {
    throw new UnreadableError(`row 1 has ${names.length} columns; at most ${columnsMax}`, {
      row: 1,
    });
  }
  return names;
}

const cut = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

function csvRecord(row: number, head: readonly string[], cells: readonly string[]): Record {
  const named = Object.fromEntries(head.map((name, at) => [name, (cells[at] ?? "").trim()]));
  // Programs leave out empty cells at the end of a row; more cells than columns are a mistake.
  const more = cells.slice(head.length).some((cell) => cell.trim() !== "");
  const fault = more ? `it has ${cells.length} cells, and there are ${head.length} columns` : null;
  return { row, cells: named, fault };
}

function broken(error: CsvError, row: number): UnreadableError {
  const why =
    error.code === "CSV_QUOTE_NOT_CLOSED"
      ? "a quote that opens there is never closed"
      : error.code === "CSV_MAX_RECORD_SIZE"
        ? `it has more than ${recordLengthMax} characters: most likely a quote is not closed`
        : error.code === "CSV_INVALID_CLOSING_QUOTE" || error.code === "INVALID_OPENING_QUOTE"
          ? 'a quote stands where none may; within quotes a quote is written twice ("")'
          : error.message;
  return new UnreadableError(
    `row ${row} cannot be read: ${why}. Nothing after it can be trusted.`,
    { row },
    error,
  );
}

/** Of those in use the one that the first line has most of, outside of quotes. */
export function delimiterIn(beginning: string): string {
  const line = (beginning.match(/^(?:"(?:[^"]|"")*"|[^"\r\n])*/)?.[0] ?? "").replace(
    /"(?:[^"]|"")*"/g,
    "",
  );
  const count = (mark: string): number => line.split(mark).length;
  return [";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best), ",");
}

async function peek(
  text: AsyncIterable<string>,
): Promise<{ readonly beginning: string; readonly all: AsyncIterable<string> }> {
  const source = text[Symbol.asyncIterator]();
  let beginning = "";
  let isOver = false;
  while (!isOver && !beginning.includes("\n") && beginning.length < recordLengthMax) {
    const { done, value } = await source.next();
    if (done === true) isOver = true;
    else beginning += value;
  }
  async function* all(): AsyncGenerator<string> {
    yield beginning;
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      yield next.value;
    }
  }
  return { beginning, all: all() };
}

async function* jsonRecords(text: AsyncIterable<string>): AsyncGenerator<Record> {
  let row = 0;
  for await (const line of linesIn(text, () => row + 1)) {
    row += 1;
    if (line.trim() !== "") yield jsonRecord(row, line);
  }
}

async function* linesIn(text: AsyncIterable<string>, row: () => number): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > recordLengthMax) {
      throw new UnreadableError(`row ${row()} has more than ${recordLengthMax} characters`, {
        row: row(),
      });
    }
  }
  if (rest !== "") yield rest;
}

function jsonRecord(row: number, line: string): Record {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Lines stand alone: the others are read all the same, and this one is told.
    return { row, cells: {}, fault: "it is not JSON" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { row, cells: {}, fault: "it is not a JSON object" };
  }
  const cells = Object.entries(value).map(([name, cell]) => [name, textOfCell(cell)]);
  return { row, cells: Object.fromEntries(cells), fault: null };
}

function textOfCell(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  return typeof cell === "string" ? cell.trim() : JSON.stringify(cell);
}
