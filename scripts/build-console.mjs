// Builds the console into console/dist, with a gzip and a Brotli copy of each file for browsers that take them (all do).
// `npm ci` runs it. Where Vite is not installed, as with --omit=dev, there is nothing to build with: the service then
// serves what is there, or no console.
//
// Plain JavaScript, because npm may run it with an old Node.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "console");

const vite = await import("vite").catch((error) => {
  if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
  console.log("console: Vite is not installed, so the console is not built");
  return null;
});
if (vite !== null) {
  await vite.build({ root: folder, logLevel: "warn" });
  const assets = join(folder, "dist/assets");
  for (const name of readdirSync(assets).filter((one) => /\.(js|css|svg)$/.test(one))) {
    const bytes = readFileSync(join(assets, name));
    writeFileSync(join(assets, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    const quality = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    writeFileSync(join(assets, `${name}.br`), brotliCompressSync(bytes, { params: quality }));
  }
}
