// onhand doctor: looks at everything that an installation needs, one after the other, and says of each finding what
// to do. It changes nothing, and whatever fails is a finding, not the end.

import { parseArgs } from "node:util";
import { type CliCommand, exitCodes } from "./command.ts";
import { type Finding, localFindings } from "./doctor/local.ts";
import { serviceFindings } from "./doctor/outside.ts";
import { cellOf } from "./output.ts";
import { connectionHelp, connectionOptions } from "./remote/connect.ts";

export const doctor: CliCommand = {
  help: `Usage: npm run onhand -- doctor [--remote] [--url URL] [--key-file FILE] [--json]

Looks at the configuration, the database, the disk that it is on, Redis, the file with the admin key, and at the
running service: whether it answers, is ready and publishes, its version, its clock, and whether the key is taken.
Run it where the service runs, with the service's environment. It changes nothing.

  --remote             only what can be seen from outside: of a service on another machine
${connectionHelp}  --json               one JSON object a line: check, level (ok, warning, error), found, advice

Exit codes: 0 all is well, 3 there are warnings, 1 there are errors.

Examples:
  npm run onhand -- doctor
  npm run onhand -- doctor --remote --url https://stock.example.com --key-file admin.key
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...connectionOptions,
        remote: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const found: Finding[] = [];
    const print = (finding: Finding): void => {
      found.push(finding);
      process.stdout.write(values.json ? `${JSON.stringify(finding)}\n` : textOf(finding));
    };
    let here: string | null = null;
    if (!values.remote) here = await localFindings(print);
    await serviceFindings({ ...values, url: values.url ?? here ?? undefined }, print);
    return codeOf(found);
  },
};

const signs = { ok: "ok      ", warning: "warning ", error: "ERROR   " } as const;

function textOf({ check, level, found, advice }: Finding): string {
  const lines = [`${signs[level]} ${check.padEnd(14)} ${cellOf(found)}`];
  if (advice !== null) lines.push(`${" ".repeat(24)}→ ${cellOf(advice)}`);
  return `${lines.join("\n")}\n`;
}

export function codeOf(found: readonly Pick<Finding, "level">[]): number {
  if (found.some(({ level }) => level === "error")) return exitCodes.failed;
  return found.some(({ level }) => level === "warning") ? exitCodes.partly : exitCodes.done;
}
