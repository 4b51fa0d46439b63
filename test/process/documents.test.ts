// The pages for those who run it, pasted block by block into a shell beside a service with its demo data: each block ends
// well, and answers what stands below it.

import { after, before, describe, test } from "node:test";
import { type Instance, startInstance, unlimited } from "../support/instance.ts";
import { stepsIn, take } from "../support/pasted.ts";

for (const path of [
  "docs/cli.md",
  "docs/operating.md",
  "docs/backup.md",
  "docs/security.md",
  "docs/webhooks.md",
  "docs/es/ejecucion.md",
]) {
  describe(`${path}, pasted`, () => {
    let service: Instance;
    before(async () => {
      service = await startInstance({ env: unlimited });
    });
    after(() => service.kill());

    const steps = stepsIn(path);
    for (const [index, { command }] of steps.entries()) {
      test(`${command.trim().split("\n").at(-1)}`, () => take(steps, index, service));
    }
  });
}
