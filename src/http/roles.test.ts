// Who may call what. The table of roles is written out here a second time, in the words of the
// product; then every declared route is called by every role and by nobody.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keyOf, openTestApp } from "../../test/support/http-app.ts";
import type { Scope } from "./roles.ts";
import { scopes, scopesOf } from "./roles.ts";
import { route } from "./route.ts";

type Who = keyof typeof scopesOf;
const signedIn = ["customer", "channel", "vendor", "manager", "admin"] as const;
const staff = ["vendor", "manager", "admin"] as const;

const mayUse: Readonly<Record<Exclude<Scope, "system" | "metrics" | "session">, readonly Who[]>> = {
  "public:read": ["anonymous", ...signedIn],
  "catalog:read": signedIn,
  "catalog:write": ["admin"],
  "stock:read": ["channel", ...staff],
  "stock:write": staff,
  "stock:transfer": ["manager", "admin"],
  "stock:batch": ["manager", "admin"],
  "stock:threshold": ["manager", "admin"],
  "reservation:create": signedIn,
  "reservation:read": signedIn,
  "reservation:confirm": ["channel", ...staff],
  "reservation:cancel": signedIn,
  "reservation:extend": signedIn,
  "events:read": ["channel", ...staff],
  "events:replay": ["admin"],
  "keys:admin": ["admin"],
  "webhooks:admin": ["admin"],
};

describe("roles", () => {
  test("each scope is given to exactly the roles of the product's table", () => {
    for (const [scope, roles] of Object.entries(mayUse)) {
      const found = Object.entries(scopesOf).filter(([, own]) => own.has(scope as Scope));
      assert.deepEqual(found.map(([role]) => role).sort(), [...roles].sort(), scope);
    }
    assert.deepEqual(
      [...Object.keys(mayUse), "system", "metrics", "session"].sort(),
      [...scopes].sort(),
    );
  });

  test("every route answers 401 to nobody and 403 to a role that may not, and lets the others in", async () => {
    const { app } = await openTestApp();
    const cells: string[] = [];
    for (const { method, url, scope } of app.routeTable) {
      if (scope === "system" || scope === "metrics" || scope === "session") continue;
      for (const who of Object.keys(scopesOf) as Who[]) {
        const answer = await app.inject({
          method: method as "GET",
          // Valid for no route: whoever is let in meets a fault or an absence, and changes nothing.
          url: url.replace(/:\w+/g, "-").concat("?nothing=1"),
          headers: who === "anonymous" ? {} : keyOf(who),
        });
        const isIn = mayUse[scope].includes(who);
        const refusal = who === "anonymous" ? 401 : 403;
        const isRefused = answer.statusCode === 401 || answer.statusCode === 403;
        if (isIn ? isRefused : answer.statusCode !== refusal) {
          cells.push(`${method} ${url} ${who}: ${answer.statusCode}`);
        }
      }
    }
    assert.deepEqual(cells, []);
    await app.close();
  });

  test("nobody may read once public reads are off", async () => {
    const { app } = await openTestApp({ settings: { publicReads: false } });
    for (const { method, url, scope } of app.routeTable) {
      if (scope !== "public:read") continue;
      const answer = await app.inject({ method: method as "GET", url: url.replace(/:\w+/g, "x") });
      assert.equal(answer.statusCode, 401, url);
    }
    await app.close();
  });

  test("a route without a scope, or with one that does not exist, does not register", async () => {
    const { app } = await openTestApp();
    for (const scope of [undefined, "everything"] as unknown as Scope[]) {
      assert.throws(
        () =>
          route(app, {
            method: "GET",
            url: "/x",
            scope,
            id: "x",
            tag: "system",
            summary: "x",
            schema: { response: {} },
            handler: () => null,
          }),
        /declares no scope/,
      );
    }
    await app.close();
  });

  test("there is no route that was not declared, except pages of the framework's own", async () => {
    const { app } = await openTestApp();
    await app.ready();
    const declared = new Set(app.routeTable.map(({ url }) => url));
    const found = app.printRoutes({ commonPrefix: false, includeHooks: false });
    for (const url of declared)
      assert.ok(app.hasRoute({ method: "GET", url }) || found !== "", url);
    await app.close();
  });
});
