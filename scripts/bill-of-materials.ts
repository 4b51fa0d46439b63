// What is in the package, as CycloneDX: every package that is installed with it (of each platform's Node, the one that
// fits), and every package whose code is in the built console. From the lockfile, so nothing is asked of a registry,
// and the same lockfile gives the same text: without the time, and with a serial number made from what it says.
//
// npm writes it; here what only builds and tests is taken out, since of that nothing is in the package.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { said } from "./versions.ts";

/** Whose code Vite has put into the console, by console/vite.config.ts. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** Of its licence, as its package.json says. */
  readonly identifier: string | null;
}

interface Component {
  readonly "bom-ref": string;
  readonly name: string;
  readonly properties: readonly { readonly name: string }[];
}

interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}

interface Bill {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
}

export function bundledInConsole(root: string): readonly Bundled[] {
  return JSON.parse(readFileSync(join(root, "console/dist/licenses.json"), "utf8"));
}

export function billOfMaterials(root: string): string {
  const stdout = said(root, "npm", ["sbom", "--package-lock-only", "--sbom-format=cyclonedx"]);
  return `${JSON.stringify(ofPackage(JSON.parse(stdout), bundledInConsole(root)), null, 2)}\n`;
}

export function ofPackage(whole: Bill, bundled: readonly Bundled[]): object {
  const { timestamp: _, component, ...metadata } = whole.metadata;
  const own = component["bom-ref"];
  const inConsole = new Set(bundled.map(({ name, version }) => `${name}@${version}`));
  const missing = inConsole.difference(new Set(whole.components.map((one) => one["bom-ref"])));
  if (missing.size > 0) throw new Error(`not in the lockfile: ${[...missing].join(", ")}`);
  // The client and the console are not packages of others: they are this one.
  const components = whole.components.filter(
    (one) =>
      !one["bom-ref"].startsWith("@onhand/") && (inConsole.has(one["bom-ref"]) || !isDev(one)),
  );
  const kept = new Set([own, ...components.map((one) => one["bom-ref"])]);
  const dependencies = whole.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn }) => {
      const all = ref === own ? [...dependsOn, ...inConsole] : dependsOn;
      return { ref, dependsOn: [...new Set(all)].filter((one) => kept.has(one)).sort() };
    });
  const bill = {
    ...whole,
    // By its name and kind: npm takes the folder's name, and has everything for a library.
    metadata: { ...metadata, component: { ...component, name: "onhand", type: "application" } },
    components: components.map((one) => (inConsole.has(one["bom-ref"]) ? required(one) : one)),
    dependencies,
    serialNumber: "",
  };
  return { ...bill, serialNumber: `urn:uuid:${uuidOf(JSON.stringify(bill))}` };
}

function isDev({ properties }: Component): boolean {
  return properties.some(({ name }) => name === "cdx:npm:package:development");
}

/** Bundled, it is in the package whatever else was built with it. */
function required(one: Component): object {
  return { ...one, scope: "required", properties: [] };
}

/** Version 8 of UUIDs leaves what is in it to whoever makes it. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}
