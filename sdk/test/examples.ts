// The examples in the doc comments of the client: found, told whose they are, and made into one program that
// type-checks and runs.

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

export interface Documented {
  /** Such as `stock.adjust`. */
  readonly name: string;
  /** The doc comment, without its stars. */
  readonly doc: string;
  readonly example: string | null;
}

const source = join(import.meta.dirname, "../src");
/** The interface of each noun, by its name in the client. */
export const nouns: Readonly<Record<string, readonly [file: string, name: string]>> = {
  products: ["products.ts", "Products"],
  stores: ["stores.ts", "Stores"],
  stock: ["stock.ts", "StockRows"],
  reservations: ["reservations.ts", "Reservations"],
  groups: ["groups.ts", "Groups"],
  events: ["events.ts", "Events"],
  imports: ["imports.ts", "Imports"],
  exports: ["exports.ts", "Exports"],
  keys: ["keys.ts", "ApiKeys"],
  webhooks: ["webhooks.ts", "Webhooks"],
  session: ["session.ts", "Sessions"],
  health: ["health.ts", "HealthChecks"],
};

/** The methods of all nouns, with their comments; "" where one has none. */
export function methods(): Documented[] {
  return Object.entries(nouns).flatMap(([noun, [file, name]]) => {
    const text = readFileSync(join(source, file), "utf8");
    const body =
      new RegExp(`^export interface ${name} \\{\\n(.*?)^\\}`, "ms").exec(text)?.[1] ?? "";
    const pattern = /(?:^ {2}\/\*\*\n(.*?)^ {3}\*\/\n)?^ {2}(\w+)\(/gms;
    return Array.from(body.matchAll(pattern), ([, doc = "", method = ""]) =>
      documented(`${noun}.${method}`, doc),
    );
  });
}

/** An exported function of a file, with its comment. */
export function functionIn(file: string, name: string): Documented {
  const text = readFileSync(join(source, file), "utf8");
  const before = text.slice(0, text.indexOf(`\nexport function ${name}`) + 1);
  const doc = before.slice(before.lastIndexOf("/**\n") + 4, before.lastIndexOf(" */"));
  return documented(`${basename(file, ".ts")}.${name}`, doc);
}

function documented(name: string, stars: string): Documented {
  const doc = stars.replace(/^ *\* ?/gm, "");
  return { name, doc, example: /^@example\n```ts\n(.*?)^```$/ms.exec(doc)?.[1] ?? null };
}

/** One program: each example in a function of its own, with `client` and what the package exports in reach. */
export function programOf(examples: readonly Documented[]): string {
  const functions = examples.map(({ name, example }) => {
    const lines = (example ?? "").split("\n").filter((line) => !line.startsWith("import "));
    return `  ${JSON.stringify(name)}: async () => {\n${lines.map((line) => `    ${line}`).join("\n")}\n  },`;
  });
  return `import { type Client, createClient, InsufficientStock, isOnhandError } from "@onhand/client";

export const examples = (client: Client): Record<string, () => Promise<void>> => ({
${functions.join("\n")}
});
export { createClient };
`;
}
