// onhand token: mints a JWT with the service's own secret, for trying things out.

import { parseArgs } from "node:util";
import { configFromEnvironment } from "../config.ts";
import { signToken } from "../main.ts";
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
