// onhand serve: runs the service until it is told to stop.

import closeWithGrace from "close-with-grace";
import { type Config, configFromEnvironment } from "../config.ts";
import { stopMsMax } from "../limits.ts";
import { type Onhand, startOnhand } from "../main.ts";
import { type CliCommand, refuseArguments } from "./command.ts";

export const serve: CliCommand = {
  help: `Usage: npm run onhand -- serve

Migrates the database, writes <data dir>/admin.key if there is no key yet, and serves the API. Log lines
are JSON on standard output. SIGTERM, SIGINT or SIGHUP: no new requests, finishes what it accepted (25 s
at most), ends with code 0. More signals change nothing. If it can serve no more (a thread of the
database has died), it says why and ends with code 1, so that a supervisor starts it again.

Examples:
  npm start
  PORT=9000 LOG_LEVEL=warn npm run onhand -- serve
`,
  async run(args) {
    refuseArguments(args);
    const config = configFromEnvironment();
    const service = await startOnhand(config);
    process.stderr.write(banner(config, service));
    stopOnSignals(service);
    return 0;
  },
};

const stopSignals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * The first signal stops the service, more of them change nothing: at Ctrl-C the terminal and npm both
 * send one, and what was accepted must not be lost to the second.
 */
function stopOnSignals({ logger, failed, stop }: Onhand): void {
  let failure: Error | null = null;
  const grace = closeWithGrace(
    {
      delay: stopMsMax,
      logger: false,
      skip: [...stopSignals],
      onTimeout: (delay) => logger.fatal({ delay }, "not everything could be finished in time"),
    },
    async ({ err }) => {
      if (err !== undefined) logger.fatal({ err }, "this should not happen: stopping");
      try {
        await stop();
      } catch (error) {
        logger.fatal({ err: error }, "the stop failed");
        throw error;
      }
      if (failure !== null) throw failure;
    },
  );
  let isStopping = false;
  void failed.then((error) => {
    if (isStopping) return;
    isStopping = true;
    failure = error;
    logger.fatal({ err: error }, "the database can serve no more: stopping");
    grace.close();
  });
  for (const signal of stopSignals) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      logger.info({ signal }, "stopping");
      grace.close();
    });
  }
}

function banner(config: Config, { url, keyFile }: Onhand): string {
  const key =
    keyFile ?? (config.adminKey === null ? "npm run onhand -- keys create" : "ONHAND_ADMIN_KEY");
  const lines = [
    "",
    `  Onhand is ready      ${url}`,
    `  reference            ${url}/docs`,
    `  database             ${config.database.name}`,
    `  admin key            ${key}`,
    "",
    "  Try it:",
    `  curl ${url}/api/v1/products`,
    ...(keyFile === null ? [] : [`  curl -H "X-API-Key: $(cat ${keyFile})" ${url}/api/v1/stores`]),
    "",
  ];
  return `${lines.join("\n")}\n`;
}
