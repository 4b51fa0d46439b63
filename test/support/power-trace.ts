// Reads what strace wrote of a service: which bytes went to which file of its data folder, what was flushed
// and when, and which requests had been answered at that point. One list in the order of things, from which
// power-disk.ts builds disks as a power cut could have left them.
//
// strace stops a thread when a call begins and when it ends, so the order of lines is an order that
// happened: a flush that a thread waited for is told before anything that it did afterwards. Where it matters
// the stricter side is taken: a flush covers what had ended when it began, and an answer counts from when its
// writing began.

import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** One thing that happened to the folder. Paths are whole. */
export type Op =
  | { readonly kind: "make"; readonly path: string; readonly isFolder: boolean }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "rename"; readonly path: string; readonly to: string }
  | { readonly kind: "write"; readonly path: string; readonly at: number; readonly data: Buffer }
  | { readonly kind: "resize"; readonly path: string; readonly size: number }
  /** Everything of this file or folder that stands before `covers` in the list is on the disk. */
  | { readonly kind: "flush"; readonly path: string; readonly covers: number }
  | { readonly kind: "answer"; readonly requestId: string; readonly status: number };

/** The calls that strace is asked for; "?" where not every machine has them. */
export const calls = [
  "openat,write,writev,pwrite64,fsync,fdatasync,ftruncate,unlinkat,renameat2,mkdirat",
  "?open,?creat,?unlink,?rename,?renameat,?mkdir,?fallocate,?pwritev,?pwritev2,?sync_file_range,?msync",
].join(",");

/** More than a page of the database; of an answer the head is enough. */
export const bytesShown = 4_400;

/** Calls that SQLite in Node does not use for these files. If it began to, this would be wrong without them. */
const unknownCalls: ReadonlySet<string> = new Set(
  "open creat renameat fallocate pwritev pwritev2 sync_file_range msync".split(" "),
);

interface Call {
  readonly name: string;
  readonly args: string;
  /** null: it was on its way when the process was killed. */
  readonly returned: number | null;
  /** Length of the list when it began. */
  readonly beganAt: number;
}

/** Where the next plain write to a file goes: no descriptor of it is moved otherwise. */
type Positions = Map<string, number>;

/** Appends to `ops` what is told in the file. `folder` is the data folder's parent, by its real name. */
export async function readTrace(file: string, folder: string, ops: Op[]): Promise<void> {
  const begun = new Map<string, { text: string; beganAt: number }>();
  const positions: Positions = new Map();
  const inside = new Set([folder, hex(folder)]);
  const cut: Op[] = [];
  const take = (call: Call): void => {
    const found = opsOf(call, folder, positions);
    if (call.returned === null) cut.push(...found);
    else ops.push(...found);
  };
  const lines = createInterface({ input: createReadStream(file, "latin1") });
  for await (const line of lines) {
    const [, pid = "", rest = ""] = /^(\d+) +[\d.]+ (.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const start = begun.get(pid);
    let text = rest;
    let beganAt = ops.length;
    if (resumed !== null) {
      if (start === undefined) continue;
      begun.delete(pid);
      text = start.text + resumed[1];
      beganAt = start.beganAt;
    } else if (!concerns(rest, inside)) {
      continue;
    } else if (rest.endsWith(" <unfinished ...>")) {
      const open = rest.slice(0, -" <unfinished ...>".length);
      if (isAnswer(open)) take(parsed(`${open}) = 1`, beganAt));
      else begun.set(pid, { text: open, beganAt });
      continue;
    }
    take(parsed(text, beganAt));
  }
  for (const { text, beganAt } of begun.values()) take(parsed(`${text}) = ?`, beganAt));
  ops.push(...cut.filter(isInFile));
}

/** Of a write that was on its way when the process was killed, the file says whether it happened. */
function isInFile(op: Op): boolean {
  if (op.kind !== "write" || !existsSync(op.path)) return false;
  const there = readFileSync(op.path).subarray(op.at, op.at + op.data.length);
  return there.equals(op.data);
}

/** As strace shows every name and every content. */
function hex(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(
    "",
  );
}

const answerStart = hex("HTTP/1.1 ");

function isAnswer(text: string): boolean {
  return /^writev?\(/.test(text) && text.includes(answerStart);
}

function concerns(text: string, inside: ReadonlySet<string>): boolean {
  // Names stand at the beginning; content, which may be long, is not looked through.
  const head = text.slice(0, 1_500);
  return isAnswer(head) || [...inside].some((folder) => head.includes(folder));
}

function parsed(text: string, beganAt: number): Call {
  const found = /^(\w+)\((.*)\) += (\?|-?\d+)/s.exec(text);
  if (found === null) throw new Error(`strace says what is not known here: ${text.slice(0, 300)}`);
  const [, name = "", args = "", returned] = found;
  return { name, args, returned: returned === "?" ? null : Number(returned), beganAt };
}

function opsOf(call: Call, folder: string, positions: Positions): Op[] {
  const { name, args, returned, beganAt } = call;
  if (isAnswer(`${name}(${args}`)) return answersOf(args);
  if (returned !== null && returned < 0) return [];
  const path = pathOfDescriptor(args) ?? "";
  // Content begins after the descriptor and its path.
  const isOurs = (one: string): boolean => one === folder || one.startsWith(`${folder}/`);
  const [first = "", second = ""] = namesIn(args);
  switch (name) {
    case "openat":
      return isOurs(first) ? opening(first, args, positions) : [];
    case "mkdir":
    case "mkdirat":
      return isOurs(first) ? [{ kind: "make", path: first, isFolder: true }] : [];
    case "unlink":
    case "unlinkat":
      return isOurs(first) ? [{ kind: "remove", path: first }] : [];
    case "rename":
    case "renameat2":
      return isOurs(first) ? [{ kind: "rename", path: first, to: second }] : [];
  }
  if (!isOurs(path) || isShared(path)) return [];
  switch (name) {
    case "pwrite64":
      return [{ kind: "write", path, at: lastNumber(args), data: contentOf(args, returned) }];
    case "write":
      return appending(path, contentOf(args, returned), positions);
    case "ftruncate":
      return [{ kind: "resize", path, size: lastNumber(args) }];
    case "fsync":
    case "fdatasync":
      return returned === null ? [] : [{ kind: "flush", path, covers: beganAt }];
  }
  if (unknownCalls.has(name)) throw new Error(`${name} of ${path} is not known here`);
  return [];
}

/** Memory that connections share: made anew by the first of them, so it never is what a power cut left. */
function isShared(path: string): boolean {
  return path.endsWith("-shm");
}

function opening(path: string, args: string, positions: Positions): Op[] {
  const flags = /, (O_[A-Z_|]+)/.exec(args)?.[1]?.split("|") ?? [];
  if (isShared(path) || flags.includes("O_DIRECTORY")) return [];
  positions.set(path, 0);
  const made: Op[] = flags.includes("O_CREAT") ? [{ kind: "make", path, isFolder: false }] : [];
  return flags.includes("O_TRUNC") ? [...made, { kind: "resize", path, size: 0 }] : made;
}

function appending(path: string, data: Buffer, positions: Positions): Op[] {
  const at = positions.get(path) ?? 0;
  positions.set(path, at + data.length);
  return [{ kind: "write", path, at, data }];
}

/** Answers to requests that brought an id; several may go in one call. */
function answersOf(args: string): Op[] {
  return stringsIn(args).flatMap((bytes) => {
    const text = bytes.toString("latin1");
    const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
    const requestId = /\r\nx-request-id: (\S+)\r\n/i.exec(text)?.[1];
    if (status === undefined || requestId === undefined) return [];
    return [{ kind: "answer", requestId, status: Number(status) } as const];
  });
}

function pathOfDescriptor(args: string): string | null {
  const found = /^\d+<([^>]*)>(?!\(deleted\))/.exec(args.slice(0, 4_000));
  return found?.[1] === undefined ? null : bytesOf(found[1]).toString("utf8");
}

function lastNumber(args: string): number {
  return Number(/, (\d+)$/.exec(args)?.[1]);
}

/** What was written; of a call that was cut short, as much as was. */
function contentOf(args: string, returned: number | null): Buffer {
  const [data = Buffer.alloc(0)] = stringsIn(args);
  const isWhole = !args.includes('"...');
  if (!isWhole) throw new Error(`${args.slice(0, 200)}: more was written than strace shows`);
  return returned === null ? data : data.subarray(0, returned);
}

function namesIn(args: string): string[] {
  return args.length > 5_000 ? [] : stringsIn(args).map((bytes) => bytes.toString("utf8"));
}

function stringsIn(args: string): Buffer[] {
  return args
    .split('"')
    .filter((_, place) => place % 2 === 1)
    .map(bytesOf);
}

/** Every byte is shown as \xNN. */
function bytesOf(shown: string): Buffer {
  return shown.startsWith("\\x")
    ? Buffer.from(shown.replaceAll("\\x", ""), "hex")
    : Buffer.from(shown, "latin1");
}
