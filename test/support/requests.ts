// A good request for each route: what tests of every route begin with. An example answers 2xx when an
// admin sends it about things that are there, as `openMarket` makes them.

import { newId } from "../../src/lib/ids.ts";

/** Ids of what a request may be about. Nobody else's request is about the same. */
export interface Things {
  /** A product with units in `store` and nowhere else. */
  readonly product: string;
  readonly sku: string;
  /** A product that no store ever had. */
  readonly bareProduct: string;
  readonly store: string;
  /** Where units of `product` may be moved to. */
  readonly otherStore: string;
  /** A store that never had anything. */
  readonly bareStore: string;
  readonly customer: string;
  /** A pending reservation of `product` in `store` for `customer`. */
  readonly reservation: string;
  readonly group: string;
  /** An API key, by id and by secret. */
  readonly key: string;
  readonly secret: string;
  readonly webhook: string;
}

export interface Example {
  readonly url: string;
  /** An object is sent as JSON, a text as `headers` say. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Ask = (things: Things) => Example;

const api = "/api/v1";
const line = ({ product, store }: Things, quantity: number) => ({
  product_id: product,
  store_id: store,
  quantity,
});
const row = ({ product, store }: Things): string => `${api}/stock/${product}/${store}`;
const held = ({ reservation }: Things, verb = ""): string =>
  `${api}/reservations/${reservation}${verb}`;
const group = ({ group: id }: Things, verb = ""): string =>
  `${api}/reservation-groups/${id}${verb}`;
const hook = ({ webhook }: Things, verb = ""): string => `${api}/webhooks/${webhook}${verb}`;
const csv = (url: string, body: string): Example => ({
  url,
  body,
  headers: { "content-type": "text/csv" },
});
const page = (url: string): Ask => {
  return () => ({ url });
};

/** By method and path as the route declares them. */
export const examples: Readonly<Record<string, Ask>> = {
  "GET /livez": page("/livez"),
  "GET /readyz": page("/readyz"),
  "GET /health": page("/health"),
  "GET /metrics": page("/metrics"),
  "GET /openapi.json": page("/openapi.json"),
  "GET /docs": page("/docs"),
  "GET /docs/scalar.js": page("/docs/scalar.js"),

  "POST /api/v1/auth/session": ({ secret }) => ({
    url: `${api}/auth/session`,
    body: { key: secret },
  }),
  "GET /api/v1/auth/session": page(`${api}/auth/session`),
  "DELETE /api/v1/auth/session": page(`${api}/auth/session`),

  "GET /api/v1/api-keys": page(`${api}/api-keys`),
  "POST /api/v1/api-keys": ({ store }) => ({
    url: `${api}/api-keys`,
    body: { name: "till", role: "vendor", stores: [store], expires_at: "2100-01-01T00:00:00Z" },
  }),
  "DELETE /api/v1/api-keys/:id": ({ key }) => ({ url: `${api}/api-keys/${key}` }),

  "GET /api/v1/stores": page(`${api}/stores`),
  "GET /api/v1/stores/:id": ({ store }) => ({ url: `${api}/stores/${store}` }),
  "POST /api/v1/stores": () => ({
    url: `${api}/stores`,
    body: {
      id: newId(),
      name: "Sevilla",
      address: "Calle 1",
      city: "Sevilla",
      country: "España",
      phone: "+34 1",
      email: "sev@example.com",
      active: true,
    },
  }),
  "PUT /api/v1/stores/:id": ({ bareStore }) => ({
    url: `${api}/stores/${bareStore}`,
    body: { name: "Sevilla", city: "Sevilla", active: true },
  }),
  "PATCH /api/v1/stores/:id": ({ bareStore }) => ({
    url: `${api}/stores/${bareStore}`,
    body: { name: "Sevilla", phone: null, active: true },
  }),
  "DELETE /api/v1/stores/:id": ({ bareStore }) => ({ url: `${api}/stores/${bareStore}` }),

  "GET /api/v1/products": page(`${api}/products`),
  "GET /api/v1/products/:id": ({ product }) => ({ url: `${api}/products/${product}` }),
  "GET /api/v1/products/sku/:sku": ({ sku }) => ({ url: `${api}/products/sku/${sku}` }),
  "POST /api/v1/products": () => {
    const id = newId();
    const words = { name: "Mug", description: "Holds tea.", category: "Kitchen" };
    return { url: `${api}/products`, body: { id, sku: id, price: 9.95, ...words } };
  },
  "PUT /api/v1/products/:id": ({ bareProduct }) => ({
    url: `${api}/products/${bareProduct}`,
    body: { sku: bareProduct, name: "Mug", price: 9.95, description: null, category: "Kitchen" },
  }),
  "PATCH /api/v1/products/:id": ({ bareProduct }) => ({
    url: `${api}/products/${bareProduct}`,
    body: { name: "Cup", price: 8, category: null },
  }),
  "DELETE /api/v1/products/:id": ({ bareProduct }) => ({ url: `${api}/products/${bareProduct}` }),

  "GET /api/v1/products/:id/availability": ({ product, store }) => ({
    url: `${api}/products/${product}/availability?store_id=${store}`,
  }),
  "POST /api/v1/availability/query": ({ product, store }) => ({
    url: `${api}/availability/query`,
    body: { product_ids: [product], store_ids: [store] },
  }),

  "GET /api/v1/stock/:product_id/:store_id": (it) => ({ url: row(it) }),
  "GET /api/v1/stock/:product_id/:store_id/availability": (it) => ({
    url: `${row(it)}/availability?quantity=5`,
  }),
  "GET /api/v1/stock/:product_id/:store_id/history": (it) => ({ url: `${row(it)}/history` }),
  "GET /api/v1/stock/product/:product_id": ({ product }) => ({
    url: `${api}/stock/product/${product}`,
  }),
  "GET /api/v1/stock/store/:store_id": ({ store }) => ({ url: `${api}/stock/store/${store}` }),
  "GET /api/v1/stock/low-stock": ({ store }) => ({
    url: `${api}/stock/low-stock?threshold=1000&store_id=${store}`,
  }),
  "GET /api/v1/stock/summary": ({ store }) => ({ url: `${api}/stock/summary?store_id=${store}` }),
  "POST /api/v1/stock": ({ product, store }) => ({
    url: `${api}/stock`,
    body: {
      product_id: product,
      store_id: store,
      quantity_change: 5,
      reason: "RESTOCK",
      user_id: "bob",
      note: "a pallet",
      reference: "PO-1",
      expected_version: 4,
    },
  }),
  "PUT /api/v1/stock/:product_id/:store_id": (it) => ({
    url: row(it),
    body: { quantity: 50, reason: "COUNT", note: "by two", expected_version: 4 },
  }),
  "POST /api/v1/stock/:product_id/:store_id/adjust": (it) => ({
    url: `${row(it)}/adjust`,
    body: { adjustment: -1, reason: "DAMAGE", note: "broken", expected_version: 4 },
  }),
  "POST /api/v1/stock/transfer": ({ product, store, otherStore }) => ({
    url: `${api}/stock/transfer`,
    body: {
      product_id: product,
      from_store_id: store,
      to_store_id: otherStore,
      quantity: 1,
      reason: "TRANSFER",
      note: "by van",
      expected_version: 4,
    },
  }),
  "POST /api/v1/stock/batch": ({ product, store }) => ({
    url: `${api}/stock/batch`,
    body: {
      error_policy: "all_or_nothing",
      changes: [
        {
          product_id: product,
          store_id: store,
          quantity_change: 5,
          reason: "RESTOCK",
          user_id: "bob",
          note: "a pallet",
          reference: "PO-1",
          expected_version: 4,
        },
      ],
    },
  }),

  "GET /api/v1/reservations": ({ store, customer }) => ({
    url: `${api}/reservations?store_id=${store}&customer_id=${customer}`,
  }),
  "GET /api/v1/reservations/:id": (it) => ({ url: held(it) }),
  "GET /api/v1/reservations/store/:store_id/pending": ({ store }) => ({
    url: `${api}/reservations/store/${store}/pending`,
  }),
  "GET /api/v1/reservations/product/:product_id/store/:store_id": ({ product, store }) => ({
    url: `${api}/reservations/product/${product}/store/${store}`,
  }),
  "GET /api/v1/reservations/stats": page(`${api}/reservations/stats`),
  "POST /api/v1/reservations": (it) => ({
    url: `${api}/reservations`,
    body: {
      ...line(it, 1),
      customer_id: it.customer,
      ttl: 60,
      id: newId(),
      metadata: { order: 7, tags: ["a"] },
    },
  }),
  "POST /api/v1/reservations/:id/confirm": (it) => ({
    url: held(it, "/confirm"),
    body: { quantity: 1, if_expired: "refuse" },
  }),
  "POST /api/v1/reservations/:id/cancel": (it) => ({
    url: held(it, "/cancel"),
    body: { reason: "changed my mind" },
  }),
  "POST /api/v1/reservations/:id/extend": (it) => ({ url: held(it, "/extend"), body: { ttl: 60 } }),

  "GET /api/v1/reservation-groups/:group_id": (it) => ({ url: group(it) }),
  "POST /api/v1/reservation-groups/:group_id/confirm": (it) => ({
    url: group(it, "/confirm"),
    body: {},
  }),
  "POST /api/v1/reservation-groups/:group_id/cancel": (it) => ({
    url: group(it, "/cancel"),
    body: { reason: "changed my mind" },
  }),
  "POST /api/v1/reservation-groups/:group_id/extend": (it) => ({
    url: group(it, "/extend"),
    body: { ttl: 60 },
  }),

  "GET /api/v1/events": ({ store }) => ({ url: `${api}/events?store_id=${store}` }),
  "POST /api/v1/events/replay": ({ store }) => ({
    url: `${api}/events/replay`,
    body: { stream: newId(), from_seq: 1, to_seq: 2, type: "store.created", store_id: store },
  }),
  "GET /api/v1/webhooks": page(`${api}/webhooks`),
  "GET /api/v1/webhooks/:id": (it) => ({ url: hook(it) }),
  "POST /api/v1/webhooks": ({ store }) => ({
    url: `${api}/webhooks`,
    body: {
      url: "https://erp.example/onhand",
      description: "ERP",
      types: ["stock.low", "stock.out"],
      stores: [store],
      after_seq: 1,
    },
  }),
  "PATCH /api/v1/webhooks/:id": (it) => ({
    url: hook(it),
    body: { description: null, types: "*", stores: "*", state: "paused" },
  }),
  "DELETE /api/v1/webhooks/:id": (it) => ({ url: hook(it) }),
  "POST /api/v1/webhooks/:id/secret": (it) => ({
    url: hook(it, "/secret"),
    body: { end_old: true },
  }),
  "POST /api/v1/webhooks/:id/test": (it) => ({ url: hook(it, "/test"), body: {} }),
  "GET /api/v1/webhooks/:id/deliveries": (it) => ({ url: hook(it, "/deliveries") }),
  "POST /api/v1/webhooks/:id/deliveries": (it) => ({
    url: hook(it, "/deliveries"),
    body: { seq: 1 },
  }),
  "GET /api/v1/exports/products": page(`${api}/exports/products`),
  "GET /api/v1/exports/stores": page(`${api}/exports/stores?format=jsonl`),
  "GET /api/v1/exports/stock": ({ store }) => ({ url: `${api}/exports/stock?store_id=${store}` }),
  "GET /api/v1/exports/reservations": ({ store }) => ({
    url: `${api}/exports/reservations?format=jsonl&store_id=${store}`,
  }),
  "GET /api/v1/exports/webhooks": page(`${api}/exports/webhooks?format=jsonl`),
  "GET /api/v1/exports/events": ({ store }) => ({
    url: `${api}/exports/events?after=3&store_id=${store}`,
  }),
  "POST /api/v1/imports/products": ({ bareProduct }) =>
    csv(
      `${api}/imports/products?mode=apply`,
      `id,sku,name,price\n${bareProduct},${bareProduct},Cup,8`,
    ),
  "POST /api/v1/imports/stock": ({ product, store }) =>
    csv(`${api}/imports/stock?mode=apply`, `product_id,store_id,quantity\n${product},${store},50`),
  "POST /api/v1/imports/stores": ({ bareStore }) =>
    csv(`${api}/imports/stores?mode=apply`, `id,name,city\n${bareStore},Sevilla,Sevilla`),
  "POST /api/v1/imports/:import_id/undo": () => ({ url: `${api}/imports/${newId()}/undo` }),
  "GET /api/v1/events/stream": ({ store }) => ({ url: `${api}/events/stream?store_id=${store}` }),
};

/** A basket is the second form of POST /reservations. */
export const basketExample: Ask = (it) => ({
  url: `${api}/reservations`,
  body: {
    lines: [line(it, 1), line(it, 2)],
    customer_id: it.customer,
    ttl_minutes: 1,
    metadata: {},
  },
});

/** The same request about objects of the same kind that are not there; the product and its rows stay. */
export function missing(things: Things): Things {
  return {
    ...things,
    store: "NOWHERE",
    otherStore: "NOWHERE",
    reservation: newId(),
    group: newId(),
    webhook: newId(),
  };
}
