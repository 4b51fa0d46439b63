// onhand import: products, stock and stores from CSV or JSON lines. First what it would do; with --apply it does it, in
// batches that are done once whatever breaks off, and can be undone.

import { parseArgs } from "node:util";
import { clientConfigFromEnvironment } from "../config.ts";
import { type CliCommand, exitCodes, UsageError } from "./command.ts";
import { asking, connect, connectionHelp, connectionOptions } from "./remote/connect.ts";

const importOptions = {
  ...connectionOptions,
  apply: { type: "boolean", default: false },
  again: { type: "string" },
  map: { type: "string", multiple: true },
  store: { type: "string" },
  reason: { type: "string" },
  format: { type: "string" },
  delimiter: { type: "string" },
  encoding: { type: "string" },
  errors: { type: "string" },
  show: { type: "string" },
} as const;

export const importing: CliCommand = {
  help: `Usage: npm run onhand -- import products|stock|stores FILE [--apply] [options]
       npm run onhand -- import list
       npm run onhand -- import undo ID [--apply]

Says what it would do, row by row, and writes nothing; with --apply it does it. FILE is "-" for the standard input.
Rows that cannot be done go to an error file with their number, the reason and their cells; the others are done. An
import that broke off goes on where it was when it is run again. Which were begun is kept in ONHAND_DATA_DIR/imports.
The whole, also of one that broke off, is undone with changes of their own, as far as that is still allowed. It may be
undone again, for what was in the way; by its id here, or by the service's: the list has both.

Columns, in any order:
  products   sku, name, price; id, description, category. A SKU that is there gets the fields of the row
  stock      sku or product_id; store_id (an id, or a store's name) or --store; and either
             quantity, a count: the row becomes so; or quantity_change, a delivery: so many more; and, or instead,
             reorder_point, a number or "none". note, reference
  stores     id, name; address, city, country, phone, email, active
Shopify's and Square's inventory files are understood as they are.

  --apply              does it
  --map "COLUMN=FIELD" this column is that field; may be given several times
  --store ID           for stock whose rows name no store
  --reason REASON      of stock changes; COUNT, or RESTOCK for quantity_change, where nothing is said
  --format csv|jsonl   else by the file's name
  --delimiter ";"      else the one of , ; and tab that the first row has most of
  --encoding NAME      of a file that is not UTF-8 or UTF-16: windows-1252
  --errors FILE        where refused rows go; with --apply also without it, beside FILE
  --show N             so many differences; 20 where nothing is said
  --again WORD         imports a file that was imported already, as another import with that word in its name
${connectionHelp}Exit codes: 0 done, 3 some rows were refused, 1 failed, 2 not understood, 4 no answer (run it again).

Examples:
  npm run onhand -- import stock stock.csv
  npm run onhand -- import stock stock.csv --apply
  npm run onhand -- import stock delivery.csv --store MAD-001 --map "Artikel=sku" --map "Menge=quantity_change"
  npm run onhand -- import undo 3f9c2a71b0de --apply
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: importOptions,
    });
    const [what, word, ...more] = positionals;
    const folder = `${clientConfigFromEnvironment().dataDir}/imports`;
    if (what === "list" && word === undefined) return list(folder);
    if (word === undefined || more.length > 0) {
      throw new UsageError("write it as: import products|stock|stores FILE, or import undo ID");
    }
    const connected = await connect(values);
    const { client, url } = connected;
    return asking(url, async () => {
      if (what === "undo") {
        if (!/^[\w-]+$/.test(word)) throw new UsageError(`"${word}" is no import; see import list`);
        const { undo } = await import("./transfer/undo.ts");
        return undo(client, { folder, id: word, url }, values.apply);
      }
      if (what !== "products" && what !== "stock" && what !== "stores") {
        throw new UsageError(`import knows products, stock and stores, not "${what}"`);
      }
      const { importFile } = await import("./transfer/import-file.ts");
      return importFile({ ...values, ...connected, kind: what, file: word, folder });
    });
  },
};

async function list(folder: string): Promise<number> {
  const { allKept } = await import("./transfer/kept.ts");
  const words = { begun: "broke off", done: "done", undoing: "part undone", undone: "undone" };
  for (const { id, importId, at, kind, state, file } of allKept(folder)) {
    const told = words[state];
    process.stdout.write(
      `${id}  ${importId}  ${at}  ${kind.padEnd(8)}  ${told.padEnd(11)}  ${file}\n`,
    );
  }
  return exitCodes.done;
}
