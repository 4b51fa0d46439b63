// What openapi.json says of a route: which answers it may give, which fields its body has, which
// parameters it takes. Tests compare what happens with this and with nothing else of the service.

import assert from "node:assert/strict";
import type { Answer } from "./app.ts";
import type { Schema } from "./json-schema.ts";

export interface Documented {
  /** Every documented answer of a route, as "GET /livez: 200" or "GET /x: 404 store_not_found". */
  answers(route: string): ReadonlySet<string>;
  all(): readonly string[];
  body(route: string): Schema | null;
  query(route: string): Readonly<Record<string, Schema>>;
  params(route: string): Readonly<Record<string, Schema>>;
  /** What a reference means. */
  at(reference: string): Schema;
  /** The route may answer like this, and problems look as problems must. Gives the answer's name. */
  mustAllow(route: string, answer: Answer): string;
}

type Json = Readonly<Record<string, unknown>>;

/** `document` is openapi.json; a route is its method and its path as declared: "GET /stores/:id". */
export function readDocumented(document: Json): Documented {
  const paths = document["paths"] as Readonly<Record<string, Readonly<Record<string, Json>>>>;

  function operation(route: string): Json {
    const [method = "", url = ""] = route.split(" ");
    const found = paths[url.replace(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
    assert.ok(found, `${route} is documented`);
    return found;
  }
  function at(reference: string): Schema {
    let part: unknown = document;
    for (const name of reference.replace("#/", "").split("/"))
      part = Reflect.get(Object(part), name);
    assert.ok(part, reference);
    return part as Schema;
  }
  function parameters(route: string, place: string): Record<string, Schema> {
    const list = (operation(route)["parameters"] ?? []) as readonly Json[];
    return Object.fromEntries(
      list
        .filter((one) => one["in"] === place)
        .map((one) => [String(one["name"]), one["schema"] as Schema]),
    );
  }
  /** What was asked for once: the answers of a route are looked up for each of its answers. */
  const known = new Map<string, ReadonlySet<string>>();
  function answers(route: string): ReadonlySet<string> {
    const names = known.get(route) ?? namesOfAnswers(route);
    known.set(route, names);
    return names;
  }
  function namesOfAnswers(route: string): ReadonlySet<string> {
    const responses = operation(route)["responses"] as Readonly<Record<string, Json>>;
    const found = Object.entries(responses).flatMap(([status, response]) => {
      const whole = "$ref" in response ? at(String(response["$ref"])) : response;
      const codes = codesIn(whole);
      return codes.length === 0
        ? [`${route}: ${status}`]
        : codes.map((code) => `${route}: ${status} ${code}`);
    });
    return new Set(found);
  }

  return {
    answers,
    all: () =>
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).flatMap((method) => [
          ...answers(`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
        ]),
      ),
    body(route) {
      const body = operation(route)["requestBody"] as { content: Record<string, Json> } | undefined;
      return (body?.content["application/json"]?.["schema"] as Schema | undefined) ?? null;
    },
    query: (route) => parameters(route, "query"),
    params: (route) => parameters(route, "path"),
    at,
    mustAllow(route, answer) {
      const { status, body, headers, text } = answer;
      const name = `${route}: ${status}`;
      if (status < 400) {
        assert.ok(answers(route).has(name), `${name} is not documented`);
        return name;
      }
      const isProblem = String(headers["content-type"]).startsWith("application/problem+json");
      if (!isProblem) {
        assert.ok(answers(route).has(name), `${name} is no problem: ${text.slice(0, 200)}`);
        return name;
      }
      const problem = `${name} ${String(body["code"])}`;
      assert.ok(answers(route).has(problem), `${problem} is not documented: ${text.slice(0, 300)}`);
      assert.equal(body["status"], status);
      for (const field of ["type", "title", "detail", "instance", "request_id"]) {
        assert.equal(typeof body[field], "string", `${problem}: ${field}`);
      }
      return problem;
    },
  };
}

/** The codes that a documented answer lists. */
function codesIn(answer: unknown): string[] {
  const found = /"code":\{"type":"string","enum":(\[[^\]]*\])/.exec(JSON.stringify(answer));
  return found === null ? [] : JSON.parse(found[1] ?? "[]");
}
