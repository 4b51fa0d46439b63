// openapi.json says what the service does: every route, every code with its status, names that an SDK
// can be made from, references that lead somewhere.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openTestApp, type TestApp } from "../../test/support/http-app.ts";
import { statusesAt } from "./route.ts";

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, object>>;
}

interface Document {
  readonly openapi: string;
  readonly tags: readonly { name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<"schemas" | "responses", Readonly<Record<string, object>>>>;
}

describe("openapi.json", () => {
  let it: TestApp;
  let document: Document;
  let text = "";
  before(async () => {
    it = await openTestApp();
    const answer = await it.app.inject({ url: "/openapi.json" });
    text = answer.body;
    document = answer.json();
  });
  after(() => it.app.close());

  const operations = (): [string, Operation][] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );

  test("is OpenAPI 3.1 and describes exactly the declared routes", () => {
    assert.equal(document.openapi, "3.1.0");
    const declared = it.app.routeTable.map(
      ({ method, url }) => `${method} ${url.replace(/:(\w+)/g, "{$1}")}`,
    );
    assert.deepEqual(
      operations()
        .map(([name]) => name)
        .sort(),
      declared.sort(),
    );
  });

  test("names each operation once, with a summary and a known tag", () => {
    const ids = operations().map(([, { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    const tags = document.tags.map(({ name }) => name);
    for (const [name, { operationId, summary, tags: own = [] }] of operations()) {
      assert.match(operationId ?? "", /^[a-z][A-Za-z]+$/, name);
      assert.ok(summary, name);
      assert.ok(own.length === 1 && own.every((tag) => tags.includes(tag)), name);
    }
  });

  /** The codes that an answer documents, also where it is shared by many routes. */
  const codesOf = (answer: object): string[] => {
    if ("$ref" in answer) {
      const name = String(answer.$ref).replace("#/components/responses/", "");
      return codesOf(document.components.responses[name] ?? {});
    }
    return [
      ...JSON.stringify(answer).matchAll(/"code":\{"type":"string","enum":(\[[^\]]*\])/g),
    ].flatMap(([, list]) => JSON.parse(list ?? "[]"));
  };

  test("gives each code of a route under the status that the code has", () => {
    for (const declared of it.app.routeTable) {
      const { method, url, codes } = declared;
      const path = url.replace(/:(\w+)/g, "{$1}");
      const { responses } = document.paths[path]?.[method.toLowerCase()] ?? { responses: {} };
      const documented = Object.entries(responses).flatMap(([status, answer]) =>
        codesOf(answer).map((code) => `${status} ${code}`),
      );
      const expected = codes.flatMap((code) =>
        statusesAt(declared, code).map((status) => `${status} ${code}`),
      );
      assert.deepEqual(documented.sort(), expected.sort(), `${method} ${url}`);
    }
  });

  test("asks for credentials wherever a route does", () => {
    for (const { method, url, scope } of it.app.routeTable) {
      const path = url.replace(/:(\w+)/g, "{$1}");
      const security = document.paths[path]?.[method.toLowerCase()]?.security ?? [];
      const isOpen = security.some((one) => Object.keys(one).length === 0);
      const mayBeOpen = ["system", "metrics", "session", "public:read"].includes(scope);
      assert.equal(isOpen, mayBeOpen, `${method} ${url}`);
    }
  });

  test("has no reference that leads nowhere, and no shared part that nobody uses", () => {
    const references = [...text.matchAll(/"\$ref":"#\/components\/([^"]+)"/g)].map(
      ([, name]) => name,
    );
    const parts = Object.entries(document.components)
      .filter(([kind]) => kind === "schemas" || kind === "responses")
      .flatMap(([kind, own]) => Object.keys(own).map((name) => `${kind}/${name}`));
    assert.deepEqual([...new Set(references)].sort(), parts.sort());
  });

  test("describes each answer in words", () => {
    assert.doesNotMatch(text, /Default Response/);
  });
});

describe("the reference page", () => {
  test("brings its own script and is held to this host by its policy", async () => {
    const { app } = await openTestApp();
    const page = await app.inject({ url: "/docs" });
    assert.equal(page.statusCode, 200);
    assert.doesNotMatch(page.body, /https?:\/\//);
    const policy = String(page.headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'; script-src 'self'/);
    assert.doesNotMatch(policy, /https?:|\*|unsafe-eval/);
    const script = await app.inject({ url: "/docs/scalar.js" });
    assert.match(String(script.headers["content-type"]), /^text\/javascript/);
    assert.ok(script.body.length > 1_000_000);
    await app.close();
  });
});
