// The repository as whoever clones it has it: nothing installed, nothing built, and the first line of README.md.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { copyOfRepository, machineEnvironment } from "../support/packed.ts";
import { blockAt } from "../support/pasted.ts";
import { addressOf, startGroup } from "../support/process-group.ts";
import { until } from "../support/until.ts";

/** npm asks the registry for some hundred packages. */
const limitMs = 540_000;
const [start = ""] = blockAt("README.md", "npm ci && npm start").split("\n");

describe("a clone of the repository", () => {
  test(`serves the API and the console after: ${start}`, { timeout: limitMs }, async () => {
    const folder = copyOfRepository();
    assert.ok(!existsSync(join(folder, "node_modules")));
    const env = { ...machineEnvironment, npm_config_prefer_offline: "true", PORT: "0" };
    const service = startGroup("bash", ["-euo", "pipefail", "-c", start], { cwd: folder, env });
    try {
      const url = await addressOf(service, limitMs);
      await until(async () => (await fetch(`${url}/readyz`)).ok, "it is ready");
      assert.match(await (await fetch(url)).text(), /<div id="root">/);
      assert.ok(existsSync(join(folder, "data/admin.key")));
    } finally {
      await service.end();
    }
    assert.match(service.output(), /"signal":"SIGTERM"/);
  });
});
