// onhand token: mints a JWT with the service's own secret, for trying things out.

import { parseArgs } from "node:util";
import { SignJWT } from "jose";
import { configFromEnvironment, type TokenConfig } from "../config.ts";
import { type CliCommand, UsageError } from "./command.ts";
import { roleOf, storesOf } from "./grant.ts";

/** A year: a token cannot be taken back. */
const minutesMax = 525_600;

export const token: CliCommand = {
  help: `Usage: npm run onhand -- token --sub SUBJECT --role ROLE [--stores ID,ID|*] [--minutes N]

Signs a token with JWT_SECRET as your identity provider would; the service must run with the same
secret (and JWT_ISSUER, JWT_AUDIENCE where set). It lives 60 minutes unless told otherwise.

Example:
  JWT_SECRET=... npm run --silent onhand -- token --sub cust-456 --role customer
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        sub: { type: "string" },
        role: { type: "string" },
        stores: { type: "string", default: "*" },
        minutes: { type: "string", default: "60" },
      },
    });
    const { tokens } = configFromEnvironment();
    if (tokens?.secret == null) throw new UsageError("token needs JWT_SECRET in the environment");
    if (values.sub === undefined) throw new UsageError("token needs --sub");
    const role = roleOf(values.role);
    const minutes = Number(values.minutes);
    if (!(minutes > 0 && minutes <= minutesMax)) {
      throw new UsageError(`--minutes is a number above 0, up to ${minutesMax}`);
    }
    const claims = { sub: values.sub, role, stores: storesOf(values.stores, role) };
    process.stdout.write(`${await signToken(tokens, claims, minutes * 60)}\n`);
    return 0;
  },
};

interface TokenClaims {
  readonly sub: string;
  readonly role: string;
  readonly stores: string | readonly string[];
}

/** A token as the provider would make it, signed with the shared secret: for trying out. */
export function signToken(
  settings: TokenConfig,
  { sub, role, stores }: TokenClaims,
  seconds: number,
): Promise<string> {
  const token = new SignJWT({ role, stores: typeof stores === "string" ? stores : [...stores] })
    .setProtectedHeader({ alg: settings.algorithms[0] ?? "HS256", typ: "JWT" })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(`${seconds}s`);
  if (settings.issuer !== null) token.setIssuer(settings.issuer);
  if (settings.audience !== null) token.setAudience(settings.audience);
  return token.sign(new TextEncoder().encode(settings.secret ?? ""));
}
