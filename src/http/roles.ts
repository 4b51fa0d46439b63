// Who may do what. A route declares one scope; a role has a list of scopes. Which stores a caller may
// touch is a second question, asked where the store is known (`seesStore`): what a caller may not see
// is not there (404), what it may not write is forbidden (403).

import type { Role, StoreScope } from "../store/store.ts";
import { ProblemError } from "./problem.ts";

export const scopes = [
  /** Open to everyone and every tool: health, documents. Never rate-limited, never authenticated. */
  "system",
  /** Has its own token. */
  "metrics",
  /** Signing in and out; says itself who may. */
  "session",
  /** Products and availability; anonymous unless that is switched off. */
  "public:read",
  /** Stores, for everyone who signs in: address, phone and e-mail are what a shop tells its customers anyway. */
  "catalog:read",
  "catalog:write",
  "stock:read",
  "stock:write",
  "stock:transfer",
  "stock:batch",
  "stock:threshold",
  "reservation:create",
  "reservation:read",
  "reservation:confirm",
  "reservation:cancel",
  "reservation:extend",
  "events:read",
  "events:replay",
  "keys:admin",
  "webhooks:admin",
] as const;
export type Scope = (typeof scopes)[number];

export type CallerRole = Role | "anonymous";

/** Scopes that ask for nobody's role. */
const openScopes: ReadonlySet<Scope> = new Set(["system", "metrics", "session"]);

const ofCustomer: readonly Scope[] = [
  "public:read",
  "catalog:read",
  "reservation:create",
  "reservation:read",
  "reservation:cancel",
  "reservation:extend",
];
const ofChannel: readonly Scope[] = [
  ...ofCustomer,
  "reservation:confirm",
  "stock:read",
  "events:read",
];
const ofVendor: readonly Scope[] = [...ofChannel, "stock:write"];
const ofManager: readonly Scope[] = [
  ...ofVendor,
  "stock:transfer",
  "stock:batch",
  "stock:threshold",
];

export const scopesOf: Readonly<Record<CallerRole, ReadonlySet<Scope>>> = {
  anonymous: new Set(["public:read"]),
  customer: new Set(ofCustomer),
  channel: new Set(ofChannel),
  vendor: new Set(ofVendor),
  manager: new Set(ofManager),
  admin: new Set(scopes),
};

/** Who sends a request, after its credentials were checked. */
export interface Caller {
  /** Whom idempotency keys and rate limits belong to: `key:<id>`, `user:<subject>`. */
  readonly id: string;
  /** What the log says: `key:<name>`, `user:<subject>`. */
  readonly actor: string;
  readonly role: CallerRole;
  readonly stores: StoreScope;
  /** Name of the key, or the token's `sub`: a customer's own customer_id. */
  readonly subject: string;
  readonly keyId: string | null;
  readonly by: "nothing" | "key" | "token" | "session";
  /** When its credentials end, UTC ms: long-lived answers (streams) end then. */
  readonly expiresAt: number | null;
}

export const nobody: Caller = {
  id: "anonymous",
  actor: "anonymous",
  role: "anonymous",
  stores: "*",
  subject: "",
  keyId: null,
  by: "nothing",
  expiresAt: null,
};

export function isOpen(scope: Scope): boolean {
  return openScopes.has(scope);
}

/** Every role; nobody is no role. */
export function everyRoleHas(scope: Scope): boolean {
  const { anonymous: _nobody, ...roles } = scopesOf;
  return Object.values(roles).every((its) => its.has(scope));
}

export function allows(caller: Caller, scope: Scope): boolean {
  return scopesOf[caller.role].has(scope);
}

export function seesStore(caller: Caller, storeId: string): boolean {
  return caller.stores === "*" || caller.stores.includes(storeId);
}

/** Refuses to write in a store that is not the caller's. */
export function mustOwnStore(caller: Caller, storeId: string): void {
  if (seesStore(caller, storeId)) return;
  throw new ProblemError("forbidden", `You may not write in the store ${storeId}.`, {
    facts: { store_id: storeId },
  });
}

/** Refuses what a role may not, inside a route that others may use. */
export function mustAllow(caller: Caller, scope: Scope, what: string): void {
  if (allows(caller, scope)) return;
  throw new ProblemError("forbidden", `The role ${caller.role} may not ${what}.`);
}

/** What the caller of a reservation command may see, as the domain asks for it. */
export function visibility(caller: Caller): { stores: StoreScope; customerId: string | null } {
  return {
    stores: caller.stores,
    customerId: caller.role === "customer" ? caller.subject : null,
  };
}

/** The caller whose key has this id; sessions that were opened with it are its too. */
export function keyCaller(keyId: string): string {
  return `key:${keyId}`;
}
