// Records of a file, CSV or JSON lines, with the row that a spreadsheet or an editor shows for them. What makes the rest
// of a file unreadable (a quote that does not close, a record without end) ends the reading with its row; what is
// wrong with one record alone is told with it.

import { finished } from "node:stream/promises";
import { CsvError, type Parser, parse } from "csv-parse";
import { UnreadableError } from "./unreadable.ts";

export type Format = "csv" | "jsonl";

export interface Record {
  /** The head of a CSV file is row 1. */
  readonly row: number;
  readonly cells: Readonly<{ [column: string]: string }>;
  /** Characters that it has, about. */
  readonly length: number;
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
  let head: string[] | null = null;
  for await (const rows of rowsIn(all, named ?? delimiterIn(beginning))) {
    for (const { row, cells } of rows) {
      if (head === null) head = headOf(cells);
      else if (cells.length > 1 || cells[0] !== "") yield csvRecord(row, head, cells);
    }
  }
  if (head === null) {
    throw new UnreadableError("the file is empty: its first row has to name the columns", {
      row: 1,
    });
  }
}

interface Row {
  readonly row: number;
  readonly cells: readonly string[];
}

/**
 * Of each piece the rows that end in it, without empty lines, which count: given on one by one by the parser's own stream
 * they would take longer than all the rest, and it makes an error of each row that is shorter than the first.
 */
async function* rowsIn(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<Row[]> {
  let rows: Row[] = [];
  const parser = parse({
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: recordLengthMax,
    on_record(cells: string[]) {
      rows.push({ row: rowOf(parser), cells });
      return null;
    },
  });
  const ended = finished(parser.resume());
  // Whoever waits for a piece hears of it first.
  ended.catch(() => undefined);
  try {
    for await (const piece of text) {
      await taken(parser, piece);
      yield rows;
      rows = [];
    }
    parser.end();
    await ended;
    yield rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield rows;
    throw broken(error, rowOf(parser) + 1);
  } finally {
    parser.destroy();
  }
}

/** The last one that was read. */
function rowOf({ info }: Parser): number {
  return info.records + info.empty_lines;
}

function taken(parser: Parser, piece: string): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(piece, (error) => (error ? reject(error) : resolve()));
  });
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
  const named = cellsOf(head.map((name, at) => [name, (cells[at] ?? "").trim()]));
  const length = cells.reduce((sum, cell) => sum + cell.length, 0);
  // Programs leave out empty cells at the end of a row; more cells than columns are a mistake.
  const more = cells.slice(head.length).some((cell) => cell.trim() !== "");
  const fault = more ? `it has ${cells.length} cells, and there are ${head.length} columns` : null;
  return { row, cells: named, length, fault };
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
  for await (const lines of linesIn(text, () => row + 1)) {
    for (const line of lines) {
      row += 1;
      if (line.trim() !== "") yield jsonRecord(row, line);
    }
  }
}

/** Of each piece the lines that end in it: given on one by one, empty ones would take a hundred times as long. */
async function* linesIn(text: AsyncIterable<string>, row: () => number): AsyncGenerator<string[]> {
  // Joined when its end is there: a long line that comes in many pieces would be copied for each of them.
  let pieces: string[] = [];
  let length = 0;
  for await (const chunk of text) {
    const lines = chunk.split("\n");
    const rest = lines.pop() ?? "";
    if (lines.length > 0) {
      lines[0] = `${pieces.join("")}${lines[0]}`;
      pieces = [];
      length = 0;
    }
    yield lines;
    pieces.push(rest);
    length += rest.length;
    if (length > recordLengthMax) {
      throw new UnreadableError(`row ${row()} has more than ${recordLengthMax} characters`, {
        row: row(),
      });
    }
  }
  const rest = pieces.join("");
  if (rest !== "") yield [rest];
}

function jsonRecord(row: number, line: string): Record {
  const { length } = line;
  const unusable = (fault: string): Record => ({ row, cells: {}, length, fault });
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return unusable("it is not a JSON object");
    }
    const cells = Object.entries(value).map(([name, cell]) => [name, textOfCell(cell)] as const);
    return { row, cells: cellsOf(cells), length, fault: null };
  } catch (error) {
    // Lines stand alone: the others are read all the same, and this one is told. The other error is of the stack.
    return unusable(error instanceof SyntaxError ? "it is not JSON" : "it is nested too deeply");
  }
}

/** Has what the file has and no more: a column may be called `constructor`, and a row may leave it out. */
function cellsOf(cells: readonly (readonly [name: string, cell: string])[]): Record["cells"] {
  const named: { [column: string]: string } = Object.create(null);
  for (const [name, cell] of cells) named[name] = cell;
  return named;
}

function textOfCell(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  return typeof cell === "string" ? cell.trim() : JSON.stringify(cell);
}
