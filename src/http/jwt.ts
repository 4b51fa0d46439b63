// Tokens of an identity provider (RFC 8725). Algorithms are fixed by configuration and fit the kind of
// key, so neither `none` nor a public key used as a shared secret gets in; headers that point to keys
// (jku, x5u, jwk) are never looked at. A verified token is remembered by its hash for a short while:
// checking a signature costs more than the request itself.

import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose";
import { LRUCache } from "lru-cache";
import { type Clock, isRecent } from "../lib/clock.ts";
import { digest } from "../lib/ids.ts";
import {
  cachedTokensMax,
  callerStoresMax,
  keySetBytesMax,
  tokenLengthMax,
  tokenTrustedMs,
} from "../limits.ts";
import type { Role, StoreScope } from "../store/store.ts";
import { busy, ProblemError, unauthenticated } from "./problem.ts";
import type { Caller } from "./roles.ts";
import { roles } from "./words.ts";

export interface TokenSettings {
  readonly secret: string | null;
  readonly jwksUrl: string | null;
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly algorithms: readonly string[];
}

export type VerifyToken = (token: string) => Caller | Promise<Caller>;

const clockToleranceSeconds = 5;
const tokenTypes = ["jwt", "at+jwt", "application/at+jwt"];

interface Verified extends Caller {
  readonly verifiedAt: number;
}

function isTrusted({ verifiedAt, expiresAt }: Verified, at: number): boolean {
  return isRecent(verifiedAt, at, tokenTrustedMs) && at < (expiresAt ?? 0);
}

export function tokenVerifier(settings: TokenSettings, now: Clock): VerifyToken {
  const verify = signatureCheck(settings);
  const trusted = new LRUCache<string, Verified>({
    max: cachedTokensMax,
  });
  return (token) => {
    if (token.length > tokenLengthMax) throw unauthenticated("The token is too long.");
    const hash = digest(token);
    const known = trusted.get(hash);
    const at = now();
    if (known !== undefined && isTrusted(known, at)) return known;
    return verify(token, at).then((caller) => {
      trusted.set(hash, { ...caller, verifiedAt: at });
      return caller;
    });
  };
}

function signatureCheck(settings: TokenSettings): (token: string, now: number) => Promise<Caller> {
  const options: JWTVerifyOptions = {
    algorithms: [...settings.algorithms],
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ["exp", "sub"],
    ...(settings.issuer === null ? {} : { issuer: settings.issuer }),
    ...(settings.audience === null ? {} : { audience: settings.audience }),
  };
  const secret = settings.secret === null ? null : new TextEncoder().encode(settings.secret);
  const keySet =
    settings.jwksUrl === null
      ? null
      : createRemoteJWKSet(new URL(settings.jwksUrl), {
          timeoutDuration: 5_000,
          cooldownDuration: 30_000,
          cacheMaxAge: 600_000,
          [customFetch]: fetchKeySet,
        });
  return async (token, now) => {
    const timed = { ...options, currentDate: new Date(now) };
    try {
      const { payload, protectedHeader } =
        keySet === null
          ? await jwtVerify(token, secret ?? new Uint8Array(), timed)
          : await jwtVerify(token, keySet, timed);
      const type = protectedHeader.typ?.toLowerCase() ?? "jwt";
      if (!tokenTypes.includes(type)) throw unauthenticated("The token is of another type.");
      return callerOf(payload);
    } catch (error) {
      throw refusal(error);
    }
  };
}

/** As `fetch`, which would read whatever comes: a key set that has no end would fill the memory. */
const fetchKeySet: FetchImplementation = async (url, options) => {
  const answer = await fetch(url, options);
  if (answer.status !== 200 || answer.body === null) return answer;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > keySetBytesMax) throw new errors.JWKSInvalid("The key set is too long.");
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks));
};

/** A provider that does not answer is no fault of the token's; everything else is. */
function refusal(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof errors.JWTExpired) return unauthenticated("The token has expired.");
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthenticated(`The token's claim ${error.claim} is not accepted.`);
  }
  if (isProviderFault(error)) {
    return busy("overloaded", "The token cannot be checked now; the key set does not answer.", 5);
  }
  return unauthenticated("The token is not valid.");
}

/** The key set did not come whole, or is no key set. A network failure is a TypeError of `fetch`. */
function isProviderFault(error: unknown): boolean {
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === "ERR_JOSE_GENERIC") ||
    (error instanceof TypeError && /^(?:fetch failed|terminated)$/.test(error.message))
  );
}

const subjectPattern = /^[^\p{Cc}\p{Cs}]{1,128}$/u;
const storePattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

function callerOf(payload: JWTPayload): Caller {
  const subject = payload.sub;
  if (typeof subject !== "string" || !subjectPattern.test(subject)) throw badClaim("sub");
  const role = roles.find((one) => one === payload["role"]);
  if (role === undefined) throw badClaim("role");
  return {
    id: `user:${subject}`,
    actor: `user:${subject}`,
    role,
    stores: storesOf(payload["stores"], role),
    subject,
    keyId: null,
    by: "token",
    expiresAt: endOf(payload.exp),
  };
}

/** Customers shop and admins work everywhere; everyone else must be given their stores by name. */
function storesOf(claim: unknown, role: Role): StoreScope {
  if (claim === "*") return "*";
  if (claim === undefined && (role === "customer" || role === "admin")) return "*";
  // Who makes keys for all stores is not held back by a list of some: it would only look so.
  if (role === "admin") throw badClaim("stores");
  if (!Array.isArray(claim) || claim.length > callerStoresMax) throw badClaim("stores");
  const stores: string[] = [];
  for (const store of claim) {
    if (typeof store !== "string" || !storePattern.test(store)) throw badClaim("stores");
    stores.push(store);
  }
  return stores;
}

/** The last second of the year 9999: what is beyond has no date. */
const lastSecond = 253_402_300_799;

function endOf(exp: number | undefined): number {
  if (exp === undefined || !(exp <= lastSecond)) throw badClaim("exp");
  return Math.floor(exp * 1000);
}

function badClaim(name: string): ProblemError {
  return unauthenticated(`The token's claim ${name} is missing or not valid.`);
}
