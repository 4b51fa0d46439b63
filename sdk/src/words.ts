// The API's shapes by their names. All of them come from openapi.json through generated.ts, so a field that the
// service gains or loses is gained or lost here. Fields are named as the API names them.

import type { components, operations } from "./generated.ts";

type Schemas = components["schemas"];
export type OperationId = keyof operations;

/** What an operation answers when all went well. */
export type AnswerOf<Id extends OperationId> = operations[Id]["responses"] extends infer Responses
  ? { [Status in keyof Responses]: JsonIn<Responses[Status], Status> }[keyof Responses]
  : never;
type JsonIn<Response, Status> = Status extends 200 | 201
  ? Response extends { content: { "application/json": infer Answer } }
    ? Answer
    : never
  : never;

/** What an operation takes as its body. */
export type BodyOf<Id extends OperationId> = operations[Id] extends { requestBody?: infer Body }
  ? NonNullable<Body> extends { content: { "application/json": infer Value } }
    ? MaybeUndefined<Value>
    : never
  : never;

/** What an operation takes as its query. */
export type QueryOf<Id extends OperationId> = MaybeUndefined<
  NonNullable<operations[Id]["parameters"]["query"]>
>;

/** What may be left out may also be undefined, which is not sent. */
type MaybeUndefined<Value> = {
  [Name in keyof Value]: Record<never, never> extends Pick<Value, Name>
    ? Value[Name] | undefined
    : Value[Name];
};

export type Product = Schemas["Product"];
export type NewProduct = BodyOf<"createProduct">;
export type ProductChanges = BodyOf<"changeProduct">;
export type Availability = Schemas["Availability"];
export type Store = Schemas["Store"];
export type NewStore = BodyOf<"createStore">;
export type StoreChanges = BodyOf<"changeStore">;
export type Stock = Schemas["Stock"];
export type StockOfStore = Schemas["StockOfStore"];
export type StockChange = BodyOf<"changeStock">;
export type StockCount = BodyOf<"setStock">;
export type StockAdjustment = BodyOf<"adjustStock">;
export type StockTransfer = BodyOf<"transferStock">;
export type StockSummary = Schemas["StockSummary"];
export type Transfer = Schemas["Transfer"];
export type Reason = NonNullable<StockChange["reason"]>;
export type Reservation = Schemas["Reservation"];
export type ReservationStatus = Reservation["status"];
export type ReservationGroup = Schemas["ReservationGroup"];
export type ApiKey = Schemas["ApiKey"];
export type Webhook = Schemas["Webhook"];
export type NewWebhook = Schemas["NewWebhook"];
export type WebhookDelivery = Schemas["WebhookDelivery"];
export type NewApiKey = Schemas["NewApiKey"];
export type Role = ApiKey["role"];
export type Session = Schemas["Session"];
export type Health = Schemas["Health"];
export type ImportLine = Schemas["ImportLine"];
export type Replay = Schemas["Replay"];

type ReserveBody = BodyOf<"createReservation">;
type OneLine = "product_id" | "store_id" | "quantity";

/** One product held for a customer; `ttl` in seconds, `ttl_minutes` in its place. */
export type NewReservation = Required<Pick<ReserveBody, OneLine>> &
  Omit<ReserveBody, OneLine | "lines">;
/** A basket held for a customer, all or none. */
export type NewGroup = Required<Pick<ReserveBody, "lines">> &
  Omit<ReserveBody, OneLine | "lines" | "id">;
