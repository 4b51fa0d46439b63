// Node's http, taken by name. An import of the module reads each of its exports, and for one of them, WebSocket, Node
// loads a whole client: 46 ms of a start.

import type http from "node:http";

export const { Agent, request, ServerResponse, STATUS_CODES } =
  process.getBuiltinModule("node:http");
export type ServerResponse = http.ServerResponse;
