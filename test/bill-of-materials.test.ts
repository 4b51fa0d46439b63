// What the bill of materials names: what comes with the package, and not what builds it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ofPackage } from "../scripts/bill-of-materials.ts";

const component = (ref: string, isDev = false) => ({
  "bom-ref": ref,
  name: ref.replace(/@[^@]+$/, ""),
  properties: isDev ? [{ name: "cdx:npm:package:development", value: "true" }] : [],
});
const whole = (timestamp: string, serialNumber: string) => ({
  serialNumber,
  metadata: { timestamp, component: { ...component("onhand@1.0.0"), name: "folder" } },
  components: [
    component("@onhand/client@1.0.0"),
    component("fastify@5.0.0"),
    component("react@19.0.0", true),
    component("vite@8.0.0", true),
  ],
  dependencies: [
    { ref: "onhand@1.0.0", dependsOn: ["vite@8.0.0", "fastify@5.0.0", "@onhand/client@1.0.0"] },
    { ref: "vite@8.0.0", dependsOn: ["react@19.0.0"] },
    { ref: "react@19.0.0", dependsOn: [] },
  ],
});
const react = { name: "react", version: "19.0.0", identifier: "MIT" };

describe("the bill of materials", () => {
  const bill = JSON.parse(JSON.stringify(ofPackage(whole("now", "urn:uuid:random"), [react])));

  test("has what is installed and what is in the console, and no tool", () => {
    const refs = bill.components.map((one: { "bom-ref": string }) => one["bom-ref"]);
    assert.deepEqual(refs, ["fastify@5.0.0", "react@19.0.0"]);
    assert.deepEqual(bill.dependencies, [
      { ref: "onhand@1.0.0", dependsOn: ["fastify@5.0.0", "react@19.0.0"] },
      { ref: "react@19.0.0", dependsOn: [] },
    ]);
    assert.equal(bill.metadata.component.name, "onhand");
  });

  test("is the same text whenever and wherever it is made, and another for other packages", () => {
    const again = ofPackage(whole("later", "urn:uuid:other"), [react]);
    assert.deepEqual(JSON.parse(JSON.stringify(again)), bill);
    assert.match(
      bill.serialNumber,
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    const other = JSON.parse(JSON.stringify(ofPackage(whole("now", "x"), [])));
    assert.notEqual(other.serialNumber, bill.serialNumber);
  });

  test("is refused where the console was built with what the lockfile does not have", () => {
    const stale = { ...react, version: "18.0.0" };
    assert.throws(
      () => ofPackage(whole("now", "x"), [stale]),
      /not in the lockfile: react@18\.0\.0/,
    );
  });
});
