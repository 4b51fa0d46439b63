// Builds what the package runs: src as JavaScript in dist, for Node strips no types in node_modules. It is what Node
// makes of the sources anyway, types blanked, so lines and columns in a stack trace are those of the sources. SQL and
// Lua lie beside it as they do in src. Three things are rewritten: names of modules end in .js, the client is the
// built one, and texts that say how the program is started say it as it is started from a package. The example of a
// consumer lies there too, in dist/examples.
//
//   node scripts/build-server.ts        npm pack runs it (prepack)

import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { billOfMaterials } from "./bill-of-materials.ts";

const root = dirname(import.meta.dirname);
const target = join(root, "dist");

export const packedExample = "dist/examples/consumer.js";

/** A module's name as a literal: of an import, or of a thread's file. */
const specifier = /((?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*")(\.{1,2}\/[^"]+)\.ts"/g;

export function compiled(source: string, isTypeScript: boolean): string {
  const text = isTypeScript ? stripTypeScriptTypes(source) : source;
  const built = text
    .replace(specifier, '$1$2.js"')
    .replaceAll('"../../../sdk/src/', '"../../../sdk/dist/')
    .replaceAll(/npm run (?:-s |--silent )?onhand --/g, "npx onhand")
    .replaceAll("npm start", "npx onhand serve")
    .replaceAll("npx node examples/consumer.ts", `node node_modules/onhand/${packedExample}`);
  const left = /"\.{1,2}\/[^"]*\.ts"/.exec(built);
  if (left !== null) throw new Error(`${left[0]} is not rewritten: the package has no such file`);
  return built;
}

if (import.meta.main) {
  rmSync(target, { recursive: true, force: true });
  const files = globSync("**/*.{ts,js,sql,lua}", { cwd: join(root, "src") });
  for (const file of files.filter((path) => !path.endsWith(".test.ts"))) {
    const [from, to] = [join(root, "src", file), join(target, file.replace(/\.ts$/, ".js"))];
    mkdirSync(dirname(to), { recursive: true });
    if (/\.[tj]s$/.test(file))
      writeFileSync(to, compiled(readFileSync(from, "utf8"), file.endsWith(".ts")));
    else cpSync(from, to);
  }
  mkdirSync(dirname(join(root, packedExample)), { recursive: true });
  const example = readFileSync(join(root, "examples/consumer.ts"), "utf8");
  writeFileSync(join(root, packedExample), compiled(example, true));
  writeFileSync(join(target, "onhand.cdx.json"), billOfMaterials(root));
}
