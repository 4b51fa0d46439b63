// A real nginx of the tests' own before several instances, with the very file that operators are given
// (deploy/nginx/onhand.conf): only addresses, ports and the paths of the certificate are put into it. In the
// foreground, in a temporary folder, ended by its process id. The certificate is made for it, and signed by nobody.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { delimiter, join } from "node:path";
import { must } from "../../src/lib/assert.ts";
import { freePort } from "./free-port.ts";
import { openHome, type Server, said } from "./server.ts";
import { repositoryRoot } from "./source-tree.ts";
import { until } from "./until.ts";

export interface Nginx {
  readonly url: string;
  /** The file with the certificate, for NODE_EXTRA_CA_CERTS. */
  readonly certificate: string;
  /** Every request that was answered so far, in the order of the answers. */
  passed(): Passed[];
  /** What it has complained of. */
  complaints(): string;
  close(): Promise<void>;
}

/** One request, as nginx saw it. */
export interface Passed {
  /** What the client was answered; 499: it went away first. */
  readonly status: number;
  readonly method: string;
  readonly path: string;
  /** The instances that were tried, by port. */
  readonly ports: readonly number[];
  /** What each of them answered; "-": nothing. */
  readonly statuses: readonly string[];
  /** An instance was too busy, and said when to come again. */
  readonly isPutOff: boolean;
  readonly line: string;
}

// Debian keeps it out of the path of users.
const program = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"]
  .map((folder) => join(folder, "nginx"))
  .find((path) => existsSync(path));
const missing = [
  ...(program === undefined ? ["nginx"] : []),
  ...(said("openssl", ["version"]) === "" ? ["openssl"] : []),
].join(" ");

/** Why tests that need an nginx cannot run here; false: they can. */
export const noNginx: string | false =
  missing !== "" && process.env["CI"] !== "true"
    ? `there is no ${missing} on this machine (apt-get install ${missing})`
    : false;

const file = join(repositoryRoot, "deploy/nginx/onhand.conf");

export async function startNginx(instances: readonly number[]): Promise<Nginx> {
  const path = must(program, "nginx is installed (apt-get install nginx)");
  const home = openHome("nginx");
  const certificate = join(home.path, "onhand.crt");
  makeCertificate(home.run, home.path);
  const [port, plainPort] = [await freePort(), await freePort()];
  writeFileSync(
    join(home.path, "onhand.conf"),
    filledIn(readFileSync(file, "utf8"), { instances, port, plainPort, folder: home.path }),
  );
  writeFileSync(join(home.path, "nginx.conf"), mainConf(home.path));
  // Before its own file is read it would write where Debian keeps its logs.
  const args = ["-p", home.path, "-c", join(home.path, "nginx.conf"), "-e", "stderr"];
  home.run(path, ["-t", "-q", ...args]);
  const server: Server = home.start(path, args);
  const url = `https://127.0.0.1:${port}`;
  const answers = (): Promise<boolean> => isAnswering(url, certificate);
  await until(async () => server.exit() !== null || (await answers()), "nginx answers");
  if (server.exit() !== null) throw new Error(`nginx did not start:\n${home.log()}`);
  return {
    url,
    certificate,
    passed: () => linesOf(join(home.path, "access.log")).map(passedOf),
    complaints: () => home.log(),
    async close() {
      // At once: SIGQUIT would wait for streams.
      await server.end("SIGTERM");
      home.close();
    },
  };
}

/** Has nginx read a file for its http block, and throws what it says against it. */
export function testNginx(conf: string): void {
  const home = openHome("nginx");
  try {
    writeFileSync(join(home.path, "onhand.conf"), conf);
    writeFileSync(join(home.path, "nginx.conf"), mainConf(home.path));
    const args = ["-t", "-q", "-p", home.path, "-c", join(home.path, "nginx.conf"), "-e", "stderr"];
    // As whoever runs the tests: it reads keys of theirs.
    execFileSync(must(program, "nginx is installed (apt-get install nginx)"), args, {
      encoding: "utf8",
      stdio: "pipe",
    });
  } finally {
    home.close();
  }
}

interface Places {
  readonly instances: readonly number[];
  readonly port: number;
  readonly plainPort: number;
  readonly folder: string;
}

/** The file with our addresses in it. Each must be there as it is known, or the test would try another file. */
function filledIn(text: string, { instances, port, plainPort, folder }: Places): string {
  let filled = text;
  const put = (known: string, ours: string): void => {
    if (!filled.includes(known)) throw new Error(`${file} has no ${known}`);
    filled = filled.replaceAll(known, ours);
  };
  for (const [index, instance] of instances.entries()) {
    put(`127.0.0.1:${8081 + index} `, `127.0.0.1:${instance} `);
  }
  put("listen 80;", `listen 127.0.0.1:${plainPort};`);
  put("listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`);
  put("/etc/nginx/tls/", `${folder}/`);
  return filled;
}

function mainConf(folder: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `  ${name}_temp_path ${folder}/${name};`,
  );
  return `daemon off;
worker_processes 2;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 4096; }
http {
${temporary.join("\n")}
  log_format passed '$status $request_method $uri [$upstream_addr] [$upstream_status] '
    '[$upstream_bytes_sent] $request_time $upstream_http_retry_after';
  access_log ${folder}/access.log passed;
  include ${folder}/onhand.conf;
}
`;
}

function makeCertificate(
  run: (program: string, args: readonly string[]) => string,
  folder: string,
) {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = ["-subj", "/CN=onhand.example", "-addext", "subjectAltName=IP:127.0.0.1"];
  const out = ["-keyout", join(folder, "onhand.key"), "-out", join(folder, "onhand.crt")];
  run("openssl", ["req", "-x509", "-days", "2", ...key, ...names, ...out]);
}

function isAnswering(url: string, certificate: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(`${url}/livez`, { ca: readFileSync(certificate), agent: false });
    asked.on("error", () => resolve(false));
    asked.on("response", (response) => {
      response.resume();
      resolve(true);
    });
    asked.end();
  });
}

function linesOf(path: string): string[] {
  return readFileSync(path, "utf8").split("\n").slice(0, -1);
}

const linePattern = /^(\d+) (\S+) (\S+) \[([^\]]*)\] \[([^\]]*)\] /;

function passedOf(line: string): Passed {
  const [, status, method = "", path = "", addresses = "", statuses = ""] =
    linePattern.exec(line) ?? [];
  return {
    status: Number(status),
    method,
    path,
    // Between tries a comma, between upstreams of one request a colon.
    ports: Array.from(addresses.matchAll(/:(\d+)(?=$|,| :)/g), ([, found]) => Number(found)),
    statuses: statuses.split(/, | : /),
    isPutOff: status === "503" && !line.endsWith(" -"),
    line,
  };
}
