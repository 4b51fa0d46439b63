// What an import of each kind has to be able to do. Wishes are what the file wants, orders what has to be done for it
// after a look at the service, and results what became of that. Orders and results are plain values, because they are
// kept in the journal: an import that broke off goes on with the very same orders under the same keys.

export interface Refused {
  readonly row: number;
  readonly code: string;
  readonly reason: string;
}

/** What one row wants, as read from the file. */
export interface Wish {
  readonly row: number;
}

export interface Order {
  readonly row: number;
  readonly kind: "create" | "change";
  /** What it is about, and the difference, for people. */
  readonly about: string;
  readonly difference: string;
}

/** An order that was done, with what undoing it needs. */
export interface Done<O extends Order> {
  readonly row: number;
  readonly order: O;
  /** Of the thing after it. */
  readonly version: number;
}

export type Result<O extends Order> = Done<O> | Refused;

export interface Plan<O extends Order> {
  readonly orders: readonly O[];
  readonly refused: readonly Refused[];
  /** Rows that are so already. */
  readonly same: number;
}

export interface Importer<W extends Wish, O extends Order> {
  /** Refuses what cannot be meant, by itself or beside the rows before it. */
  check(row: number, cells: Readonly<Record<string, string>>): readonly W[] | Refused;
  plan(wishes: readonly W[]): Promise<Plan<O>>;
  /** `key` names this intent; the same orders under the same key are done once. */
  apply(orders: readonly O[], key: string): Promise<readonly Result<O>[]>;
  /** Whether orders may be given again after their keys are forgotten without doing them twice. */
  readonly isGuarded: boolean;
}

export function isRefused(value: object): value is Refused {
  return "reason" in value;
}

/** Runs `work` on all, so many at a time, and keeps the order. */
export async function together<Item, Value>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const values: Value[] = [];
  let next = 0;
  async function worker(): Promise<void> {
    while (next < items.length) {
      const at = next;
      next += 1;
      values[at] = await work(items[at] as Item);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker));
  return values;
}
