// The server under the application: its limits, its request ids, its way of reading JSON, and what it
// says to bytes that are no HTTP request. A limit that Node or Fastify leaves open is closed here.

import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import {
  type ConnectionError,
  type FastifyBodyParser,
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
  type RawServerDefault,
} from "fastify";
import { ServerResponse } from "../lib/http.ts";
import type { Logger } from "../lib/logger.ts";
import { namesOf } from "../lib/tracing.ts";
import {
  bodyBytesMax,
  headerBytesMax,
  keepAliveMs,
  pathParamLengthMax,
  requestArrivalMsMax,
} from "../limits.ts";
import type { HttpSettings } from "./deps.ts";
import { securityHeaders } from "./mark.ts";
import {
  type ErrorHandler,
  invalidField,
  type ProblemCode,
  ProblemError,
  problemKinds,
  problemText,
} from "./problem.ts";

const lookForLateMs = 2_000;

export function serverOptions(
  settings: HttpSettings,
  logger: Logger,
  unrouted: ErrorHandler,
): FastifyHttpOptions<RawServerDefault> {
  return {
    // The framework would make a logger per request. It gets none; what it has to say, we write.
    logController: logController(logger),
    http: {
      maxHeaderSize: headerBytesMax,
      headersTimeout: requestArrivalMsMax,
      // How often Node looks for those that are late: else every 30 s.
      connectionsCheckingInterval: lookForLateMs,
      // Node would refuse without a word; `hostFault` says why.
      requireHostHeader: false,
      // Node would take the first of several Hosts or Authorizations, another reader on the way the last.
      joinDuplicateHeaders: true,
    },
    bodyLimit: bodyBytesMax,
    requestTimeout: requestArrivalMsMax,
    keepAliveTimeout: keepAliveMs,
    routerOptions: { maxParamLength: pathParamLengthMax, caseSensitive: true },
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    return503OnClosing: false,
    forceCloseConnections: "idle",
    trustProxy: trusted(settings.trustProxy),
    genReqId: requestIds(),
    requestIdHeader: false,
    frameworkErrors: unrouted,
    clientErrorHandler: answerRawError,
  };
}

/** Requests and their errors are observe.ts's and problem.ts's to log; this is what is left. */
function logController(logger: Logger): LogController {
  const controller = new LogController({ disableRequestLogging: true });
  const warn = (error: Error, request: FastifyRequest): void => {
    logger.warn({ err: error, ...namesOf(request) }, "an answer could not be sent whole");
  };
  return Object.assign(controller, {
    streamError: warn,
    writeHeadError: warn,
    serializerError: warn,
  });
}

function trusted(proxies: HttpSettings["trustProxy"]) {
  if (proxies === false) return false;
  return typeof proxies === "number"
    ? (_address: string, hop: number) => hop < proxies
    : [...proxies];
}

/**
 * Well formed, and not as imports and their undoing call what they write: by that an undo finds what to take back, so
 * nobody may write it who is none.
 */
const requestIdPattern = /^(?!(?:import|undo)-)[A-Za-z0-9._:-]{1,128}$/;

/** The client's id where it may be one; else a counter behind a random prefix, unique everywhere. */
function requestIds(): (request: IncomingMessage) => string {
  const prefix = randomBytes(9).toString("base64url").replaceAll("_", ".");
  let count = 0;
  return ({ headers }) => {
    const given = headers["x-request-id"];
    if (typeof given === "string" && requestIdPattern.test(given)) return given;
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}

/** One Host and no more (RFC 9112 §3.2); several arrive joined by commas, which no name of a host has. */
export function hostFault({ headers, httpVersion }: IncomingMessage): ProblemError | undefined {
  const { host } = headers;
  if (host === undefined) {
    if (httpVersion === "1.0") return undefined;
    return new ProblemError("validation_failed", "HTTP/1.1 needs the header Host.");
  }
  return host.includes(",") ? invalidField("Host", "must stand there once") : undefined;
}

/** An expectation that we do not know is let be (RFC 9110 §10.1.1); Node would answer 417, and no more. */
export function ignoreExpectations({ server }: FastifyInstance): void {
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
}

/**
 * An empty body is no body: whether the route takes that is the route's to say. Bytes that are no UTF-8
 * are refused: read as well as may be, they would be kept as question marks.
 */
export function jsonParser(app: FastifyInstance): FastifyBodyParser<Buffer> {
  const parse = app.getDefaultJsonParser("error", "error");
  return (request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    const coding = request.headers["content-encoding"];
    if (coding !== undefined && coding !== "identity") {
      return done(new ProblemError("unsupported_media_type", "Send the body without a coding."));
    }
    if (!isUtf8(body)) return done(new ProblemError("malformed_json", "The body is not UTF-8."));
    // Without the byte order mark that the parser passes over.
    request.bodyText = body.toString().replace(/^\uFEFF/, "");
    void parse(request, request.bodyText, done);
  };
}

/** Requests whose body may take longer than others': their route bounds it itself. */
export const longBodies = new WeakSet<IncomingMessage>();

/** As Node's own handler finds it: there is no public way from a socket to its answer. */
function answerUnderWay(socket: Socket): ServerResponse | null {
  const answer: unknown = Reflect.get(socket, "_httpMessage");
  return answer instanceof ServerResponse ? answer : null;
}

const rawAnswers: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ["headers_too_large", `Headers may have ${headerBytesMax} bytes in all.`],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["body_too_large", "The chunk extensions are too long."],
  ERR_HTTP_REQUEST_TIMEOUT: [
    "validation_failed",
    `The request did not arrive whole within ${requestArrivalMsMax / 1000} s.`,
  ],
};

/**
 * What Node could not read as HTTP: there is no request, so the answer is written by hand. One that is
 * too slow is told as one that did not arrive whole, not 408: that would be a status without a code.
 */
function answerRawError(error: ConnectionError, socket: Socket): void {
  const answering = answerUnderWay(socket);
  // Said once of each request, so nothing more is to be heard of it.
  const isLong = answering !== null && longBodies.has(answering.req);
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && isLong) return;
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  if (answering !== null && !answering.writableFinished && answering.req.complete) {
    // A whole request came before the nonsense: its answer goes first. One that has begun and has no end in
    // sight (events) is cut off: what we have to say must not stand in the middle of it.
    if (answering.headersSent && !answering.writableEnded) socket.destroy();
    else answering.once("finish", () => setImmediate(answerRawError, error, socket));
    return;
  }
  const [code, detail] = rawAnswers[error.code] ?? [
    "validation_failed",
    "This is not a valid HTTP request.",
  ];
  const { status, title } = problemKinds[code];
  const body = problemText({ code, status, detail, facts: {}, requestId: "none", instance: "/" });
  const headers = {
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    connection: "close",
    ...securityHeaders,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join("")}\r\n${body}`);
}
