// The floor to compare availability reads with: a bare Fastify, one route, no hooks, no logging.

import fastify from "fastify";

const app = fastify({ logger: false });
app.get("/", () => ({ ok: true }));
const url = await app.listen({ port: 0, host: "127.0.0.1" });
process.stdout.write(`${JSON.stringify({ port: Number(new URL(url).port) })}\n`);
