// Runs the unit tests for Stryker inside its worker process (npm run mutate). Stryker's own runners start a process for
// each file of tests and each mutant, of which there are two thousand. Here a worker loads all tests once, and
// a mutant costs as long as the tests take that reach it, laws last, until one fails.
//
// Laws play fewer histories than in `npm test`, always the same ones, and do not look for the shortest that fails.

import { globSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { InstrumenterContext, MutantCoverage } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import fc from "fast-check";
import { type KeptTest, keptTests, load, run } from "./harness.ts";

/** Where mutants are made, and whose tests have to find them. */
export const mutatedFolders = ["src/domain", "src/commands", "src/log"] as const;

const historiesOfLaws = 40;
/** Says nothing of the domain, and goes through all of it. */
const leftOut = "the histories are worth playing";

/** What instrumented code asks, and where it counts. */
const instrumented: Partial<Record<keyof InstrumenterContext, unknown>> = {};

class InProcessTestRunner implements TestRunner {
  #tests: readonly KeptTest[] | null = null;

  capabilities() {
    // Modules stay loaded: what is decided while they load is tried in a new process.
    return { reloadEnvironment: false };
  }

  async init(): Promise<void> {
    Object.assign(globalThis, { __stryker__: instrumented });
    fc.configureGlobal({ numRuns: historiesOfLaws, seed: 1, endOnFailure: true });
    const harness = import.meta.resolve("./harness.ts");
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === "node:test" && context.parentURL !== harness
          ? { url: harness, shortCircuit: true }
          : next(specifier, context),
    });
  }

  async dryRun(_options: DryRunOptions): Promise<DryRunResult> {
    const tests = await this.#load();
    const results: TestResult[] = [];
    for (const test of tests) {
      instrumented.currentTestId = test.id;
      results.push(await resultOf(test));
    }
    instrumented.currentTestId = undefined;
    const mutantCoverage = instrumented.mutantCoverage as MutantCoverage;
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, testFilter, hitLimit } = options;
    if (mutantActivation === "static") instrumented.activeMutant = activeMutant.id;
    const all = await this.#load();
    instrumented.activeMutant = activeMutant.id;
    instrumented.hitCount = hitLimit === undefined ? undefined : 0;
    instrumented.hitLimit = hitLimit;
    const wanted = testFilter === undefined ? null : new Set(testFilter);
    const tests = all.filter(({ id }) => wanted === null || wanted.has(id));
    const result = await this.#untilOneFails(tests);
    instrumented.activeMutant = undefined;
    const hit = determineHitLimitReached(Number(instrumented.hitCount), hitLimit);
    return toMutantRunResult(hit ?? result);
  }

  async #untilOneFails(tests: readonly KeptTest[]): Promise<DryRunResult> {
    const results: TestResult[] = [];
    for (const test of tests) {
      const result = await resultOf(test);
      results.push(result);
      if (result.status !== TestStatus.Failed) continue;
      const { failureMessage: reason } = result;
      if (reason.startsWith("NeverEnds")) return { status: DryRunStatus.Timeout, reason };
      break;
    }
    return { status: DryRunStatus.Complete, tests: results };
  }

  async #load(): Promise<readonly KeptTest[]> {
    if (this.#tests === null) {
      const files = globSync(mutatedFolders.map((folder) => `${folder}/**/*.test.ts`)).sort();
      for (const file of files) await load(file, pathToFileURL(join(process.cwd(), file)).href);
      // Laws go through everything and take longest.
      this.#tests = keptTests()
        .filter(({ id }) => !id.includes(leftOut))
        .toSorted((a, b) => Number(isLaw(a)) - Number(isLaw(b)));
    }
    return this.#tests;
  }
}

function isLaw({ file }: KeptTest): boolean {
  return file.endsWith("laws.test.ts");
}

async function resultOf(test: KeptTest): Promise<TestResult> {
  const startedAt = performance.now();
  const base = { id: test.id, name: test.id, fileName: test.file };
  try {
    await run(test);
    const timeSpentMs = performance.now() - startedAt;
    return { ...base, timeSpentMs, status: TestStatus.Success };
  } catch (error) {
    const timeSpentMs = performance.now() - startedAt;
    return { ...base, timeSpentMs, status: TestStatus.Failed, failureMessage: String(error) };
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, "in-process", InProcessTestRunner),
];
