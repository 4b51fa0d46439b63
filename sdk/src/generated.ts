// Generated from openapi.json by `npm run gen`: do not edit.

export interface paths {
    "/api/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the API keys, without their secrets */
        get: operations["listApiKeys"];
        put?: never;
        /** Makes an API key; its secret is in this answer only */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes an API key away, and the sessions opened with it; works at once */
        delete: operations["deleteApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who am I */
        get: operations["getSession"];
        put?: never;
        /** Signs in: a key or a token becomes an HttpOnly cookie */
        post: operations["startSession"];
        /** Signs out */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/availability/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Availability of many products at once
         * @description In the order asked, each as of its own `as_of_seq`. Products that do not exist are `missing`.
         */
        post: operations["queryAvailability"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log, oldest first
         * @description A page may be empty and still have a next_cursor: go on until null, then ask again with after=<head_seq> for what came since.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Publishes a range of the log again, to a Redis stream of its own
         * @description At most 100000 events at a time, both ends included. Entries are those of inventory-events. The same again adds nothing twice, so it goes on where it was cut off.
         */
        post: operations["replayEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log as it grows, as Server-Sent Events
         * @description Begins at the head, or after Last-Event-ID (which wins) or ?after=: <epoch>.<seq> or a bare seq. A place that this log does not have is answered with an event log_reset that says what is current.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All events that the caller may see, as a file
         * @description What others change meanwhile may be in it or not; the log (events) is exact.
         */
        get: operations["exportEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All products that the caller may see, as a file
         * @description What others change meanwhile may be in it or not; the log (events) is exact.
         */
        get: operations["exportProducts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/reservations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All reservations that the caller may see, as a file
         * @description What others change meanwhile may be in it or not; the log (events) is exact.
         */
        get: operations["exportReservations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/stock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All stock that the caller may see, as a file
         * @description What others change meanwhile may be in it or not; the log (events) is exact.
         */
        get: operations["exportStock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/stores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All stores that the caller may see, as a file
         * @description What others change meanwhile may be in it or not; the log (events) is exact.
         */
        get: operations["exportStores"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/exports/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All webhooks that the caller may see, as a file
         * @description What others change meanwhile may be in it or not; the log (events) is exact.
         */
        get: operations["exportWebhooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/{import_id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes an import back, as far as that is still allowed
         * @description By changes of their own, since the log keeps everything. Units that are sold or held stay where they are, a product that somebody changed since stays as it is, and both are told. The same again undoes nothing twice.
         */
        post: operations["undoImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Imports a file of products, or says what it would do
         * @description CSV or JSON lines. A row that cannot be done is told with its number, and the others are done. Each row is written under a key of its own: the same file under the same import_id does nothing twice, so what broke off is sent again.
         */
        post: operations["importProducts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/stock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Imports a file of stock, or says what it would do
         * @description CSV or JSON lines. A row that cannot be done is told with its number, and the others are done. Each row is written under a key of its own: the same file under the same import_id does nothing twice, so what broke off is sent again.
         */
        post: operations["importStock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/stores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Imports a file of stores, or says what it would do
         * @description CSV or JSON lines. A row that cannot be done is told with its number, and the others are done. Each row is written under a key of its own: the same file under the same import_id does nothing twice, so what broke off is sent again.
         */
        post: operations["importStores"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists products
         * @description `search` looks in SKU and name, without regard to case and accents.
         */
        get: operations["listProducts"];
        put?: never;
        /** Creates a product */
        post: operations["createProduct"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One product */
        get: operations["getProduct"];
        /**
         * Replaces a product
         * @description Optional fields that are left out become null.
         */
        put: operations["replaceProduct"];
        post?: never;
        /** Archives a product that has no stock */
        delete: operations["deleteProduct"];
        options?: never;
        head?: never;
        /** Changes some fields of a product */
        patch: operations["changeProduct"];
        trace?: never;
    };
    "/api/v1/products/{id}/availability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which stores have a product, and how much of it
         * @description Cached until the product changes (X-Cache); `Cache-Control: no-cache` reads the database. `as_of` answers from the log: a time, or seq:N.
         */
        get: operations["getAvailability"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/sku/{sku}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One product by its SKU */
        get: operations["getProductBySku"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservation-groups/{group_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The reservations of a group, in the order of their lines */
        get: operations["getReservationGroup"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservation-groups/{group_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Releases the held units of the whole group, or of none */
        post: operations["cancelReservationGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservation-groups/{group_id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sells the held units of the whole group, or of none */
        post: operations["confirmReservationGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservation-groups/{group_id}/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Holds the units of the whole group longer, or of none; counted from now
         * @description Capped to the longest total life; refused where that is used up.
         */
        post: operations["extendReservationGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists reservations, newest first
         * @description A page may be short, even empty, and still have a next_cursor: go on until null.
         */
        get: operations["listReservations"];
        put?: never;
        /** Holds units for a customer: one product, or a basket of lines, all or none */
        post: operations["createReservation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One reservation */
        get: operations["getReservation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservations/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Releases the held units */
        post: operations["cancelReservation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservations/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sells the held units
         * @description A smaller quantity sells so many and releases the rest. An expired reservation is refused, or, with if_expired: retake, its units are taken again and sold as a new reservation.
         */
        post: operations["confirmReservation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservations/{id}/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Holds the units longer, counted from now
         * @description Capped to the longest total life; refused where that is used up.
         */
        post: operations["extendReservation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservations/product/{product_id}/store/{store_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The reservations of a product in a store, newest first */
        get: operations["listReservationsOfStock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservations/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many reservations there are, by status
         * @description Of the caller's stores; for a customer, of its own reservations.
         */
        get: operations["getReservationStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/reservations/store/{store_id}/pending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is coming to collect: the pending reservations of a store, newest first */
        get: operations["listPendingReservations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receives or changes stock; makes the row if there is none
         * @description `quantity_change` adds a signed amount to the row (201 if it was made). `initial_quantity` in its place makes the row, and is refused if there is one.
         */
        post: operations["changeStock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/{product_id}/{store_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One stock row */
        get: operations["getStock"];
        /** Sets what was counted, and the reorder point */
        put: operations["setStock"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/{product_id}/{store_id}/adjust": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds a signed amount to a row that exists */
        post: operations["adjustStock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/{product_id}/{store_id}/availability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether a quantity is available in one store */
        get: operations["checkStock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/{product_id}/{store_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The events of a row, newest first: who, why, and the balances */
        get: operations["getStockHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Many changes in one transaction
         * @description Lines apply in order and see those before them; one row may come twice.
         */
        post: operations["batchStock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/low-stock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Rows that run low
         * @description Rows with `available <= threshold`; without a threshold, those at or below their own reorder point.
         */
        get: operations["listLowStock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/product/{product_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A product's rows in all stores that the caller sees, with their totals */
        get: operations["listStockOfProduct"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/store/{store_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All products of a store */
        get: operations["listStockOfStore"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Totals for a dashboard: of each store that the caller sees, and of all of them */
        get: operations["getStockSummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stock/transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Moves units from one store to another in one transaction
         * @description The destination row is made if there is none. A version is that of the source row.
         */
        post: operations["transferStock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists the stores
         * @description For everyone who signs in, customers too: address, phone and e-mail are a shop's public facts. Without credentials there are products and availability only.
         */
        get: operations["listStores"];
        put?: never;
        /** Creates a store */
        post: operations["createStore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stores/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One store */
        get: operations["getStore"];
        /** Replaces a store */
        put: operations["replaceStore"];
        post?: never;
        /** Deletes a store without stock */
        delete: operations["deleteStore"];
        options?: never;
        head?: never;
        /** Changes some fields of a store */
        patch: operations["changeStore"];
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the webhooks, without their secrets */
        get: operations["listWebhooks"];
        put?: never;
        /** Sends events from now on to a URL; the secret is in this answer only */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A webhook: what it wants, and how far it is */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /** Takes a webhook away, with its deliveries */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /** Changes a webhook, pauses it, or lets it go on; what had failed is tried anew */
        patch: operations["changeWebhook"];
        trace?: never;
    };
    "/api/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last attempts of a webhook, newest first; some hundred are kept */
        get: operations["listWebhookDeliveries"];
        put?: never;
        /** Sends one event of the log again, at once, and answers what became of it */
        post: operations["redeliverToWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new secret; the old one signs too for a day, unless it is to end at once */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a test (`webhook.test`) and answers what became of it */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This API as a page */
        get: operations["getDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/scalar.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The script of the page */
        get: operations["getDocsScript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the service and what it relies on are */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process runs */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics in the format of Prometheus */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This API as OpenAPI 3.1 */
        get: operations["getOpenapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The service may get traffic */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** ApiKey */
        ApiKey: {
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string | null;
            id: string;
            /** Format: date-time */
            last_used_at: string | null;
            name: string;
            /** @enum {string} */
            role: "customer" | "channel" | "vendor" | "manager" | "admin";
            /** @description Ids of stores, or "*" for all of them. */
            stores: string[] | string;
        };
        /** ApiKeyPage */
        ApiKeyPage: {
            items: components["schemas"]["ApiKey"][];
            next_cursor: string | null;
        };
        /** Availability */
        Availability: {
            /** @description The last event that this answer knows of. */
            as_of_seq: number;
            product_id: string;
            product_name: string;
            stores: {
                available: number;
                quantity: number;
                reserved: number;
                store_id: string;
                store_name: string;
                version: number;
            }[];
            total_available: number;
            total_quantity: number;
            total_reserved: number;
        };
        /** AvailabilityQuery */
        AvailabilityQuery: {
            items: components["schemas"]["Availability"][];
            /** @description Ids of products that do not exist. */
            missing: string[];
        };
        /** Event */
        Event: {
            actor: string;
            aggregate_id: string;
            aggregate_type: string;
            id: string;
            /** Format: date-time */
            occurred_at: string;
            payload: {
                [key: string]: unknown;
            };
            product_id: string | null;
            request_id: string;
            /** @description 1, 2, 3 … without a gap, in the order of commits. */
            seq: number;
            /** @description * where the event concerns the whole chain. */
            store_id: string;
            /** @description The span of the request (W3C Trace Context), where that was traced. */
            traceparent?: string;
            /** @enum {string} */
            type: "stock.created" | "stock.updated" | "stock.transferred" | "stock.low" | "stock.out" | "stock.back" | "reservation.created" | "reservation.confirmed" | "reservation.cancelled" | "reservation.expired" | "reservation.extended" | "product.created" | "product.updated" | "product.archived" | "store.created" | "store.updated" | "store.archived";
        };
        /** EventPage */
        EventPage: {
            /** @description Raised when the log is restored from a backup. */
            epoch: number;
            /** @description The last event in the log. */
            head_seq: number;
            items: components["schemas"]["Event"][];
            next_cursor: string | null;
        };
        /** Health */
        Health: {
            /** @enum {string} */
            database: "connected" | "disconnected";
            /** @description Events in the log that are not published yet; null until Redis was reached. */
            event_lag: number | null;
            instance_id: string;
            /** @enum {string} */
            redis: "connected" | "disconnected" | "disabled";
            /** @enum {string} */
            status: "healthy" | "degraded" | "unavailable";
            /** Format: date-time */
            timestamp: string;
            version: string;
        };
        /** ImportLine */
        ImportLine: {
            about?: string;
            /** @description refused: the row as it came. */
            cells?: {
                [key: string]: string;
            };
            /** @enum {string} */
            change?: "create" | "change";
            changed?: number;
            code?: string;
            /** @description begin: which column each field is. */
            columns?: {
                [key: string]: string;
            };
            created?: number;
            /** @description end: why it broke off; what was done stays done. null: all of the file was read. */
            fault?: ({
                code: string;
                detail: string;
                row?: number;
            } & {
                [key: string]: unknown;
            }) | null;
            /** @description row: what was and what would be. */
            fields?: {
                after: string | number | boolean | null;
                before: string | number | boolean | null;
                field: string;
            }[];
            import_id?: string;
            /** @enum {string} */
            mode?: "preview" | "apply";
            /** @description begin: columns that nothing takes. */
            not_used?: string[];
            reason?: string;
            refused?: number;
            /** @description As a spreadsheet counts: a CSV's head is row 1. */
            row?: number;
            rows?: number;
            same?: number;
            /**
             * @description begin: how the file is understood. row: what would change (preview). refused: a row, and why. progress: how far it is. end: the last line of an answer that is whole.
             * @enum {string}
             */
            type: "begin" | "row" | "refused" | "progress" | "end";
            /** @description end: lines of rows that were left out: the client did not read. */
            untold?: number;
        };
        /** LowStockPage */
        LowStockPage: {
            items: components["schemas"]["StockOfStore"][];
            next_cursor: string | null;
        };
        /** NewApiKey */
        NewApiKey: {
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string | null;
            id: string;
            /** @description The secret. It is shown once and not kept. */
            key: string;
            /** Format: date-time */
            last_used_at: string | null;
            name: string;
            /** @enum {string} */
            role: "customer" | "channel" | "vendor" | "manager" | "admin";
            /** @description Ids of stores, or "*" for all of them. */
            stores: string[] | string;
        };
        /** NewWebhook */
        NewWebhook: {
            /** @description Events of the log that are not dealt with yet. */
            behind_events: number;
            /** Format: date-time */
            created_at: string;
            /** @description Up to here in the log all is dealt with. */
            cursor_seq: number;
            description: string | null;
            /** @description Of the event that comes next. */
            failed_attempts: number;
            id: string;
            last_error: string | null;
            /** Format: date-time */
            next_attempt_at: string | null;
            /** Format: date-time */
            old_secret_until: string | null;
            /** @description Signs the deliveries. It is shown once. */
            secret: string;
            /** @enum {string} */
            state: "active" | "paused" | "parked" | "gone";
            /** @description Ids of stores, or "*" for all of them. */
            stores: string[] | string;
            /** @description Types of events, or "*" for all of them. */
            types: ("stock.created" | "stock.updated" | "stock.transferred" | "stock.low" | "stock.out" | "stock.back" | "reservation.created" | "reservation.confirmed" | "reservation.cancelled" | "reservation.expired" | "reservation.extended" | "product.created" | "product.updated" | "product.archived" | "store.created" | "store.updated" | "store.archived")[] | string;
            /** Format: date-time */
            updated_at: string;
            url: string;
        };
        /** Problem */
        Problem: {
            code: string;
            detail: string;
            errors?: {
                message: string;
                path: string;
            }[];
            instance: string;
            request_id: string;
            status: number;
            title: string;
            type: string;
        } & {
            [key: string]: unknown;
        };
        /** Product */
        Product: {
            category: string | null;
            /** Format: date-time */
            created_at: string;
            description: string | null;
            id: string;
            name: string;
            price: number;
            sku: string;
            /** Format: date-time */
            updated_at: string;
            version: number;
        };
        /** ProductPage */
        ProductPage: {
            items: components["schemas"]["Product"][];
            next_cursor: string | null;
        };
        /** Replay */
        Replay: {
            from_seq: number;
            /** @description Entries that were not in the stream before. */
            published: number;
            stream: string;
            to_seq: number;
        };
        /** Reservation */
        Reservation: {
            cancel_reason: string | null;
            confirmed_quantity: number | null;
            /** Format: date-time */
            created_at: string;
            customer_id: string;
            /** Format: date-time */
            expires_at: string;
            expires_in_seconds: number;
            group_id: string | null;
            id: string;
            /** @description The caller's own JSON object. */
            metadata: {
                [key: string]: unknown;
            } | null;
            product_id: string;
            quantity: number;
            reservation_id: string;
            retaken_by: string | null;
            retaken_from: string | null;
            /** @enum {string} */
            status: "PENDING" | "CONFIRMED" | "CANCELLED" | "EXPIRED";
            store_id: string;
            /** Format: date-time */
            updated_at: string | null;
        };
        /** ReservationCountedPage */
        ReservationCountedPage: {
            /** @description How many there are in all. */
            count: number;
            items: components["schemas"]["Reservation"][];
            next_cursor: string | null;
        };
        /** ReservationGroup */
        ReservationGroup: {
            group_id: string;
            reservations: components["schemas"]["Reservation"][];
        };
        /** ReservationPage */
        ReservationPage: {
            items: components["schemas"]["Reservation"][];
            next_cursor: string | null;
        };
        /** ReservationStats */
        ReservationStats: {
            by_status: {
                CANCELLED: number;
                CONFIRMED: number;
                EXPIRED: number;
                PENDING: number;
            };
            total: number;
        };
        /** Session */
        Session: {
            actor: string;
            /** @enum {string} */
            by: "key" | "token" | "session";
            /** Format: date-time */
            expires_at: string | null;
            /** @enum {string} */
            role: "customer" | "channel" | "vendor" | "manager" | "admin";
            /** @description What this role may do. */
            scopes: string[];
            /** @description Ids of stores, or "*" for all of them. */
            stores: string[] | string;
            subject: string;
        };
        /** Status */
        Status: {
            status: string;
        };
        /** Stock */
        Stock: {
            available: number;
            id: string;
            product_id: string;
            quantity: number;
            reorder_point: number | null;
            reserved: number;
            store_id: string;
            /** Format: date-time */
            updated_at: string;
            version: number;
        };
        /** StockBatch */
        StockBatch: {
            results: {
                error?: {
                    code: string;
                } & {
                    [key: string]: unknown;
                };
                index: number;
                /** @enum {string} */
                status: "ok" | "failed";
                stock?: components["schemas"]["Stock"];
            }[];
        };
        /**
         * StockChange
         * @description quantity_change with a reason, or initial_quantity (whose reason is INITIAL unless said).
         */
        StockChange: {
            expected_version?: number;
            initial_quantity?: number;
            note?: string;
            /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
            product_id: string;
            quantity_change?: number;
            /**
             * @description Why stock changed. OTHER needs a note.
             * @enum {string}
             */
            reason?: "RESTOCK" | "SALE" | "RETURN" | "DAMAGE" | "SHRINKAGE" | "COUNT" | "CORRECTION" | "TRANSFER" | "INITIAL" | "OTHER";
            reference?: string;
            /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
            store_id: string;
            user_id?: string;
        };
        /** StockHistory */
        StockHistory: {
            items: components["schemas"]["Event"][];
            next_cursor: string | null;
        };
        /** StockOfProduct */
        StockOfProduct: {
            items: components["schemas"]["Stock"][];
            next_cursor: string | null;
            total_available: number;
            total_quantity: number;
            total_reserved: number;
        };
        /** StockOfStore */
        StockOfStore: {
            available: number;
            id: string;
            product_id: string;
            product_name: string;
            quantity: number;
            reorder_point: number | null;
            reserved: number;
            sku: string;
            store_id: string;
            /** Format: date-time */
            updated_at: string;
            version: number;
        };
        /** StockOfStorePage */
        StockOfStorePage: {
            items: components["schemas"]["StockOfStore"][];
            next_cursor: string | null;
        };
        /** StockSummary */
        StockSummary: {
            available: number;
            /** @description Rows at or below their reorder point. */
            low_rows: number;
            pending_reservations: number;
            quantity: number;
            reserved: number;
            rows: number;
            stores: {
                active: boolean;
                available: number;
                /** @description Rows at or below their reorder point. */
                low_rows: number;
                pending_reservations: number;
                quantity: number;
                reserved: number;
                rows: number;
                store_id: string;
                store_name: string;
            }[];
        };
        /** Store */
        Store: {
            active: boolean;
            address: string | null;
            city: string | null;
            country: string | null;
            /** Format: date-time */
            created_at: string;
            email: string | null;
            id: string;
            name: string;
            phone: string | null;
            /** Format: date-time */
            updated_at: string;
            version: number;
        };
        /** StorePage */
        StorePage: {
            items: components["schemas"]["Store"][];
            next_cursor: string | null;
        };
        /** Sufficiency */
        Sufficiency: {
            available: number;
            requested: number;
            sufficient: boolean;
        };
        /** Transfer */
        Transfer: {
            from: components["schemas"]["Stock"];
            to: components["schemas"]["Stock"];
            transfer_id: string;
        };
        /** Webhook */
        Webhook: {
            /** @description Events of the log that are not dealt with yet. */
            behind_events: number;
            /** Format: date-time */
            created_at: string;
            /** @description Up to here in the log all is dealt with. */
            cursor_seq: number;
            description: string | null;
            /** @description Of the event that comes next. */
            failed_attempts: number;
            id: string;
            last_error: string | null;
            /** Format: date-time */
            next_attempt_at: string | null;
            /** Format: date-time */
            old_secret_until: string | null;
            /** @enum {string} */
            state: "active" | "paused" | "parked" | "gone";
            /** @description Ids of stores, or "*" for all of them. */
            stores: string[] | string;
            /** @description Types of events, or "*" for all of them. */
            types: ("stock.created" | "stock.updated" | "stock.transferred" | "stock.low" | "stock.out" | "stock.back" | "reservation.created" | "reservation.confirmed" | "reservation.cancelled" | "reservation.expired" | "reservation.extended" | "product.created" | "product.updated" | "product.archived" | "store.created" | "store.updated" | "store.archived")[] | string;
            /** Format: date-time */
            updated_at: string;
            url: string;
        };
        /** WebhookDelivery */
        WebhookDelivery: {
            /** Format: date-time */
            at: string;
            delivered: boolean;
            duration_ms: number;
            error: string | null;
            event_id: string;
            event_type: string;
            id: string;
            /** @description null: it was a test. */
            seq: number | null;
            /** @description null: there was no answer. */
            status: number | null;
        };
        /** WebhookDeliveryPage */
        WebhookDeliveryPage: {
            items: components["schemas"]["WebhookDelivery"][];
            next_cursor: string | null;
        };
        /** WebhookPage */
        WebhookPage: {
            items: components["schemas"]["Webhook"][];
            next_cursor: string | null;
        };
    };
    responses: {
        /** @description `as_of_out_of_range`: The log does not reach that point · `validation_failed`: The request is not valid */
        "as_of_out_of_range-or-validation_failed": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "as_of_out_of_range" | "validation_failed";
                };
            };
        };
        /** @description `batch_failed`: The batch was refused */
        batch_failed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "batch_failed";
                };
            };
        };
        /** @description `body_too_large`: The body is too large */
        body_too_large: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "body_too_large";
                };
            };
        };
        /** @description `database_unavailable`: The database is away */
        database_unavailable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "database_unavailable";
                };
            };
        };
        /** @description `overloaded`: Too busy · `database_unavailable`: The database is away */
        "database_unavailable-or-overloaded": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "overloaded" | "database_unavailable";
                };
            };
        };
        /** @description `redis_unavailable`: Redis is away · `overloaded`: Too busy · `database_unavailable`: The database is away */
        "database_unavailable-or-overloaded-or-redis_unavailable": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "redis_unavailable" | "overloaded" | "database_unavailable";
                };
            };
        };
        /** @description `forbidden`: Not allowed */
        forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "forbidden";
                };
            };
        };
        /** @description `group_not_found`: Reservation group not found */
        group_not_found: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "group_not_found";
                };
            };
        };
        /** @description `group_not_found`: Reservation group not found · `product_not_found`: Product not found · `store_not_found`: Store not found */
        "group_not_found-or-product_not_found-or-store_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "group_not_found" | "product_not_found" | "store_not_found";
                };
            };
        };
        /** @description `headers_too_large`: The headers are too large */
        headers_too_large: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "headers_too_large";
                };
            };
        };
        /** @description `id_taken`: The id is taken */
        id_taken: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "id_taken";
                };
            };
        };
        /** @description `id_taken`: The id is taken · `sku_taken`: The SKU is taken */
        "id_taken-or-sku_taken": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "id_taken" | "sku_taken";
                };
            };
        };
        /** @description `idempotency_key_reused`: The Idempotency-Key was used before */
        idempotency_key_reused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "idempotency_key_reused";
                };
            };
        };
        /** @description `import_unreadable`: The file cannot be imported · `validation_failed`: The request is not valid · `invalid_idempotency_key`: The Idempotency-Key is not valid */
        "import_unreadable-or-invalid_idempotency_key-or-validation_failed": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "import_unreadable" | "validation_failed" | "invalid_idempotency_key";
                };
            };
        };
        /** @description `store_inactive`: The store is not active · `version_mismatch`: It was changed meanwhile · `insufficient_stock`: Not enough stock */
        "insufficient_stock-or-store_inactive-or-version_mismatch": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "store_inactive" | "version_mismatch" | "insufficient_stock";
                };
            };
        };
        /** @description `internal`: Something went wrong here */
        internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "internal";
                };
            };
        };
        /** @description `validation_failed`: The request is not valid · `invalid_cursor`: The cursor is not valid */
        "invalid_cursor-or-validation_failed": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "validation_failed" | "invalid_cursor";
                };
            };
        };
        /** @description `validation_failed`: The request is not valid · `malformed_json`: The body is not valid JSON · `invalid_idempotency_key`: The Idempotency-Key is not valid */
        "invalid_idempotency_key-or-malformed_json-or-validation_failed": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "validation_failed" | "malformed_json" | "invalid_idempotency_key";
                };
            };
        };
        /** @description `key_not_found`: API key not found */
        key_not_found: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "key_not_found";
                };
            };
        };
        /** @description `product_in_use`: The product is in use */
        product_in_use: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "product_in_use";
                };
            };
        };
        /** @description `product_not_found`: Product not found */
        product_not_found: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "product_not_found";
                };
            };
        };
        /** @description `reservation_not_found`: Reservation not found · `product_not_found`: Product not found · `store_not_found`: Store not found */
        "product_not_found-or-reservation_not_found-or-store_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "reservation_not_found" | "product_not_found" | "store_not_found";
                };
            };
        };
        /** @description `product_not_found`: Product not found · `store_not_found`: Store not found · `stock_not_found`: Stock row not found */
        "product_not_found-or-stock_not_found-or-store_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "product_not_found" | "store_not_found" | "stock_not_found";
                };
            };
        };
        /** @description `product_not_found`: Product not found · `store_not_found`: Store not found */
        "product_not_found-or-store_not_found": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "product_not_found" | "store_not_found";
                };
            };
        };
        /** @description `store_inactive`: The store is not active · `version_mismatch`: It was changed meanwhile · `quantity_below_reserved`: The quantity would fall below what is reserved */
        "quantity_below_reserved-or-store_inactive-or-version_mismatch": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "store_inactive" | "version_mismatch" | "quantity_below_reserved";
                };
            };
        };
        /** @description `rate_limited`: Too many requests */
        rate_limited: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "rate_limited";
                };
            };
        };
        /** @description `reservation_not_pending`: The reservation is not pending · `reservation_expired`: The reservation has expired */
        "reservation_expired-or-reservation_not_pending": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "reservation_not_pending" | "reservation_expired";
                };
            };
        };
        /** @description `store_inactive`: The store is not active · `reservation_not_pending`: The reservation is not pending · `reservation_expired`: The reservation has expired */
        "reservation_expired-or-reservation_not_pending-or-store_inactive": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "store_inactive" | "reservation_not_pending" | "reservation_expired";
                };
            };
        };
        /** @description `reservation_not_found`: Reservation not found */
        reservation_not_found: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "reservation_not_found";
                };
            };
        };
        /** @description `sku_taken`: The SKU is taken */
        sku_taken: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "sku_taken";
                };
            };
        };
        /** @description `stock_not_found`: Stock row not found */
        stock_not_found: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "stock_not_found";
                };
            };
        };
        /** @description `store_in_use`: The store is in use */
        store_in_use: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "store_in_use";
                };
            };
        };
        /** @description `store_not_found`: Store not found */
        store_not_found: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "store_not_found";
                };
            };
        };
        /** @description `stream_in_use`: The stream cannot take that range */
        stream_in_use: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "stream_in_use";
                };
            };
        };
        /** @description `unauthenticated`: Valid credentials are needed */
        unauthenticated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "unauthenticated";
                };
            };
        };
        /** @description `unsupported_media_type`: The body is of another type */
        unsupported_media_type: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "unsupported_media_type";
                };
            };
        };
        /** @description `validation_failed`: The request is not valid */
        validation_failed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "validation_failed";
                };
            };
        };
        /** @description `version_mismatch`: It was changed meanwhile */
        version_mismatch: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "version_mismatch";
                };
            };
        };
        /** @description `webhook_limit_reached`: There are as many webhooks as there may be */
        webhook_limit_reached: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "webhook_limit_reached";
                };
            };
        };
        /** @description `webhook_not_found`: Webhook not found */
        webhook_not_found: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "webhook_not_found";
                };
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listApiKeys: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyPage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description ISO 8601 with a zone, such as 2026-03-01T09:30:00Z. */
                    expires_at?: string | null;
                    /** @description Shown in the log of changes as key:<name>. */
                    name: string;
                    /** @enum {string} */
                    role: "customer" | "channel" | "vendor" | "manager" | "admin";
                    /** @description Ids of stores, or "*" for all of them. */
                    stores?: string[] | string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    deleteApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["key_not_found"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    startSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One of the two. */
        requestBody: {
            content: {
                "application/json": {
                    key?: string;
                    token?: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            403: components["responses"]["forbidden"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable"];
        };
    };
    queryAvailability: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    product_ids: string[];
                    store_ids?: string[];
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AvailabilityQuery"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["store_not_found"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description Events with a larger seq. 0: from the beginning. */
                after?: number;
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                product_id?: string;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id?: string;
                type?: "stock.created" | "stock.updated" | "stock.transferred" | "stock.low" | "stock.out" | "stock.back" | "reservation.created" | "reservation.confirmed" | "reservation.cancelled" | "reservation.expired" | "reservation.extended" | "product.created" | "product.updated" | "product.archived" | "store.created" | "store.updated" | "store.archived";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    replayEvents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    from_seq: number;
                    /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                    store_id?: string;
                    /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                    stream: string;
                    to_seq: number;
                    /** @enum {string} */
                    type?: "stock.created" | "stock.updated" | "stock.transferred" | "stock.low" | "stock.out" | "stock.back" | "reservation.created" | "reservation.confirmed" | "reservation.cancelled" | "reservation.expired" | "reservation.extended" | "product.created" | "product.updated" | "product.archived" | "store.created" | "store.updated" | "store.archived";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replay"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            409: components["responses"]["stream_in_use"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded-or-redis_unavailable"];
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description <epoch>.<seq> or a bare seq. */
                after?: string;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                product_id?: string;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id?: string;
                type?: "stock.created" | "stock.updated" | "stock.transferred" | "stock.low" | "stock.out" | "stock.back" | "reservation.created" | "reservation.confirmed" | "reservation.cancelled" | "reservation.expired" | "reservation.extended" | "product.created" | "product.updated" | "product.archived" | "store.created" | "store.updated" | "store.archived";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events as they happen; each one's id is <epoch>.<seq>, its data an Event. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    exportEvents: {
        parameters: {
            query?: {
                /** @description Events with a larger seq. */
                after?: number;
                /** @description csv where nothing is said. */
                format?: "csv" | "jsonl";
                /** @description Puts a ' before cells that a spreadsheet would run as a formula. Not for imports. */
                spreadsheet?: boolean;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    exportProducts: {
        parameters: {
            query?: {
                /** @description csv where nothing is said. */
                format?: "csv" | "jsonl";
                /** @description Puts a ' before cells that a spreadsheet would run as a formula. Not for imports. */
                spreadsheet?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    exportReservations: {
        parameters: {
            query?: {
                /** @description csv where nothing is said. */
                format?: "csv" | "jsonl";
                /** @description Puts a ' before cells that a spreadsheet would run as a formula. Not for imports. */
                spreadsheet?: boolean;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    exportStock: {
        parameters: {
            query?: {
                /** @description csv where nothing is said. */
                format?: "csv" | "jsonl";
                /** @description Puts a ' before cells that a spreadsheet would run as a formula. Not for imports. */
                spreadsheet?: boolean;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    exportStores: {
        parameters: {
            query?: {
                /** @description csv where nothing is said. */
                format?: "csv" | "jsonl";
                /** @description Puts a ' before cells that a spreadsheet would run as a formula. Not for imports. */
                spreadsheet?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    exportWebhooks: {
        parameters: {
            query?: {
                /** @description csv where nothing is said. */
                format?: "csv" | "jsonl";
                /** @description Puts a ' before cells that a spreadsheet would run as a formula. Not for imports. */
                spreadsheet?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    undoImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Which import it is, as the answer of a preview says. */
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lines of JSON, each an ImportLine; the last is of type end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["ImportLine"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    importProducts: {
        parameters: {
            query?: {
                /** @description Rows up to this one were done: the row of the last progress that was heard. */
                after_row?: number;
                /** @description Which column a field is, where it is not called so: {"sku":"Artikel"}. */
                columns?: string;
                /** @description Of CSV; else the one that the first row has most of. */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description Which import it is, as the answer of a preview says. */
                import_id?: string;
                /** @description preview (where nothing is said) writes nothing. */
                mode?: "preview" | "apply";
                /** @description So many differences; 100 where nothing is said. */
                show?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-ndjson": unknown;
                "text/csv": unknown;
            };
        };
        responses: {
            /** @description Lines of JSON, each an ImportLine; the last is of type end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["ImportLine"];
                };
            };
            400: components["responses"]["import_unreadable-or-invalid_idempotency_key-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    importStock: {
        parameters: {
            query?: {
                /** @description Rows up to this one were done: the row of the last progress that was heard. */
                after_row?: number;
                /** @description Which column a field is, where it is not called so: {"sku":"Artikel"}. */
                columns?: string;
                /** @description Of CSV; else the one that the first row has most of. */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description Which import it is, as the answer of a preview says. */
                import_id?: string;
                /** @description preview (where nothing is said) writes nothing. */
                mode?: "preview" | "apply";
                /** @description Why stock changed. OTHER needs a note. */
                reason?: "RESTOCK" | "SALE" | "RETURN" | "DAMAGE" | "SHRINKAGE" | "COUNT" | "CORRECTION" | "TRANSFER" | "INITIAL" | "OTHER";
                /** @description So many differences; 100 where nothing is said. */
                show?: number;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-ndjson": unknown;
                "text/csv": unknown;
            };
        };
        responses: {
            /** @description Lines of JSON, each an ImportLine; the last is of type end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["ImportLine"];
                };
            };
            400: components["responses"]["import_unreadable-or-invalid_idempotency_key-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    importStores: {
        parameters: {
            query?: {
                /** @description Rows up to this one were done: the row of the last progress that was heard. */
                after_row?: number;
                /** @description Which column a field is, where it is not called so: {"sku":"Artikel"}. */
                columns?: string;
                /** @description Of CSV; else the one that the first row has most of. */
                delimiter?: "," | ";" | "\t" | "|";
                /** @description Which import it is, as the answer of a preview says. */
                import_id?: string;
                /** @description preview (where nothing is said) writes nothing. */
                mode?: "preview" | "apply";
                /** @description So many differences; 100 where nothing is said. */
                show?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-ndjson": unknown;
                "text/csv": unknown;
            };
        };
        responses: {
            /** @description Lines of JSON, each an ImportLine; the last is of type end. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["ImportLine"];
                };
            };
            400: components["responses"]["import_unreadable-or-invalid_idempotency_key-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listProducts: {
        parameters: {
            query?: {
                category?: string;
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductPage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    createProduct: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    category?: string | null;
                    description?: string | null;
                    /** @description An id of your own; without it the service makes one. */
                    id?: string;
                    name: string;
                    /** @description With at most two decimals. */
                    price: number;
                    sku: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            409: components["responses"]["id_taken-or-sku_taken"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getProduct: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag that you have. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description The caller has it already (If-None-Match). */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["product_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    replaceProduct: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description The version that you saw, such as "v7" (with the quotes); * is any. */
                "If-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    category?: string | null;
                    description?: string | null;
                    name: string;
                    /** @description With at most two decimals. */
                    price: number;
                    sku: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found"];
            409: components["responses"]["sku_taken"];
            412: components["responses"]["version_mismatch"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    deleteProduct: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description The version that you saw, such as "v7" (with the quotes); * is any. */
                "If-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found"];
            409: components["responses"]["product_in_use"];
            412: components["responses"]["version_mismatch"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    changeProduct: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description The version that you saw, such as "v7" (with the quotes); * is any. */
                "If-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    category?: string | null;
                    description?: string | null;
                    name?: string;
                    /** @description With at most two decimals. */
                    price?: number;
                    sku?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found"];
            409: components["responses"]["sku_taken"];
            412: components["responses"]["version_mismatch"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getAvailability: {
        parameters: {
            query?: {
                /** @description ISO 8601 with a zone, or seq:N: as it was after that event. */
                as_of?: string;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id?: string;
            };
            header?: {
                /** @description An ETag that you have. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Availability"];
                };
            };
            /** @description The caller has it already (If-None-Match). */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["as_of_out_of_range-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["product_not_found-or-store_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getProductBySku: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag that you have. */
                "If-None-Match"?: string;
            };
            path: {
                sku: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description The caller has it already (If-None-Match). */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["product_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getReservationGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationGroup"];
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["group_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    cancelReservationGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationGroup"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["group_not_found"];
            409: components["responses"]["reservation_expired-or-reservation_not_pending"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    confirmReservationGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationGroup"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["group_not_found-or-product_not_found-or-store_not_found"];
            409: components["responses"]["reservation_expired-or-reservation_not_pending-or-store_inactive"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    extendReservationGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                group_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    ttl?: number;
                    /** @description In place of ttl. */
                    ttl_minutes?: number;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationGroup"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["group_not_found-or-product_not_found-or-store_not_found"];
            /** @description `store_inactive`: The store is not active · `reservation_not_pending`: The reservation is not pending · `reservation_expired`: The reservation has expired · `lifetime_exceeded`: The reservation would be held too long */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "store_inactive" | "reservation_not_pending" | "reservation_expired" | "lifetime_exceeded";
                    };
                };
            };
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listReservations: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                customer_id?: string;
                limit?: number;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                product_id?: string;
                status?: "PENDING" | "CONFIRMED" | "CANCELLED" | "EXPIRED";
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationPage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    createReservation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description Either product_id, store_id and quantity, or lines. Without ttl units are held for 600 s. */
        requestBody: {
            content: {
                "application/json": {
                    customer_id: string;
                    /** @description An id of your own; without it the service makes one. */
                    id?: string;
                    lines?: {
                        /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                        product_id: string;
                        quantity: number;
                        /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                        store_id: string;
                    }[];
                    /** @description The caller's own JSON object. */
                    metadata?: {
                        [key: string]: unknown;
                    } | null;
                    /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                    product_id?: string;
                    quantity?: number;
                    /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                    store_id?: string;
                    ttl?: number;
                    /** @description In place of ttl. */
                    ttl_minutes?: number;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"] | components["schemas"]["ReservationGroup"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found-or-store_not_found"];
            /** @description `store_inactive`: The store is not active · `id_taken`: The id is taken · `lifetime_exceeded`: The reservation would be held too long · `customer_limit_reached`: The customer holds too much already · `insufficient_stock`: Not enough stock */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "store_inactive" | "id_taken" | "lifetime_exceeded" | "customer_limit_reached" | "insufficient_stock";
                    };
                };
            };
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getReservation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["reservation_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    cancelReservation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["reservation_not_found"];
            409: components["responses"]["reservation_expired-or-reservation_not_pending"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    confirmReservation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description What to do where it has expired; retake: sell if still there.
                     * @enum {string}
                     */
                    if_expired?: "refuse" | "retake";
                    quantity?: number;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found-or-reservation_not_found-or-store_not_found"];
            /** @description `store_inactive`: The store is not active · `reservation_not_pending`: The reservation is not pending · `reservation_expired`: The reservation has expired · `insufficient_stock`: Not enough stock */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "store_inactive" | "reservation_not_pending" | "reservation_expired" | "insufficient_stock";
                    };
                };
            };
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    extendReservation: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    ttl?: number;
                    /** @description In place of ttl. */
                    ttl_minutes?: number;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reservation"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found-or-reservation_not_found-or-store_not_found"];
            /** @description `store_inactive`: The store is not active · `reservation_not_pending`: The reservation is not pending · `reservation_expired`: The reservation has expired · `lifetime_exceeded`: The reservation would be held too long */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "store_inactive" | "reservation_not_pending" | "reservation_expired" | "lifetime_exceeded";
                    };
                };
            };
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listReservationsOfStock: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
                status?: "PENDING" | "CONFIRMED" | "CANCELLED" | "EXPIRED";
            };
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                product_id: string;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationCountedPage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["product_not_found-or-store_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getReservationStats: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationStats"];
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listPendingReservations: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationCountedPage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["store_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    changeStock: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description The version that you saw, such as "v7" (with the quotes); * is any. */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description quantity_change with a reason, or initial_quantity (whose reason is INITIAL unless said). */
        requestBody: {
            content: {
                "application/json": components["schemas"]["StockChange"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stock"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stock"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found-or-store_not_found"];
            /** @description `store_inactive`: The store is not active · `stock_exists`: The stock row exists · `version_mismatch`: It was changed meanwhile · `insufficient_stock`: Not enough stock */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "store_inactive" | "stock_exists" | "version_mismatch" | "insufficient_stock";
                    };
                };
            };
            412: components["responses"]["version_mismatch"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getStock: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag that you have. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                product_id: string;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stock"];
                };
            };
            /** @description The caller has it already (If-None-Match). */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["stock_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    setStock: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description The version that you saw, such as "v7" (with the quotes); * is any. */
                "If-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                product_id: string;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    expected_version?: number;
                    note?: string;
                    quantity?: number;
                    /**
                     * @description Why stock changed. OTHER needs a note.
                     * @enum {string}
                     */
                    reason?: "RESTOCK" | "SALE" | "RETURN" | "DAMAGE" | "SHRINKAGE" | "COUNT" | "CORRECTION" | "TRANSFER" | "INITIAL" | "OTHER";
                    reorder_point?: number | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stock"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found-or-stock_not_found-or-store_not_found"];
            409: components["responses"]["quantity_below_reserved-or-store_inactive-or-version_mismatch"];
            412: components["responses"]["version_mismatch"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    adjustStock: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description The version that you saw, such as "v7" (with the quotes); * is any. */
                "If-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                product_id: string;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    adjustment: number;
                    expected_version?: number;
                    note?: string;
                    /**
                     * @description Why stock changed. OTHER needs a note.
                     * @enum {string}
                     */
                    reason: "RESTOCK" | "SALE" | "RETURN" | "DAMAGE" | "SHRINKAGE" | "COUNT" | "CORRECTION" | "TRANSFER" | "INITIAL" | "OTHER";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stock"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found-or-stock_not_found-or-store_not_found"];
            409: components["responses"]["insufficient_stock-or-store_inactive-or-version_mismatch"];
            412: components["responses"]["version_mismatch"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    checkStock: {
        parameters: {
            query?: {
                quantity?: number;
            };
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                product_id: string;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sufficiency"];
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["stock_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getStockHistory: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                /** @description ISO 8601 with a zone, such as 2026-03-01T09:30:00Z. */
                from?: string;
                limit?: number;
                /** @description ISO 8601 with a zone, such as 2026-03-01T09:30:00Z. */
                to?: string;
            };
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                product_id: string;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StockHistory"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["stock_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    batchStock: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    changes: components["schemas"]["StockChange"][];
                    /** @enum {string} */
                    error_policy?: "all_or_nothing" | "skip_failed";
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StockBatch"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            409: components["responses"]["batch_failed"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listLowStock: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id?: string;
                threshold?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LowStockPage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["store_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listStockOfProduct: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                product_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StockOfProduct"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listStockOfStore: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
                /** @description Only what is at its reorder point. */
                low?: boolean;
                search?: string;
            };
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StockOfStorePage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["store_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getStockSummary: {
        parameters: {
            query?: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                store_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StockSummary"];
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["store_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    transferStock: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description The version that you saw, such as "v7" (with the quotes); * is any. */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    expected_version?: number;
                    /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                    from_store_id: string;
                    note?: string;
                    /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                    product_id: string;
                    quantity: number;
                    /**
                     * @description Why stock changed. OTHER needs a note.
                     * @enum {string}
                     */
                    reason?: "RESTOCK" | "SALE" | "RETURN" | "DAMAGE" | "SHRINKAGE" | "COUNT" | "CORRECTION" | "TRANSFER" | "INITIAL" | "OTHER";
                    /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                    to_store_id: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transfer"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["product_not_found-or-stock_not_found-or-store_not_found"];
            /** @description `store_inactive`: The store is not active · `same_store`: Source and destination are the same store · `version_mismatch`: It was changed meanwhile · `insufficient_stock`: Not enough stock */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "store_inactive" | "same_store" | "version_mismatch" | "insufficient_stock";
                    };
                };
            };
            412: components["responses"]["version_mismatch"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listStores: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorePage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    createStore: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    active?: boolean;
                    address?: string | null;
                    city?: string | null;
                    country?: string | null;
                    email?: string | null;
                    /** @description An id of your own; without it the service makes one. */
                    id?: string;
                    name: string;
                    phone?: string | null;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Store"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            409: components["responses"]["id_taken"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getStore: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag that you have. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Store"];
                };
            };
            /** @description The caller has it already (If-None-Match). */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            404: components["responses"]["store_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    replaceStore: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description The version that you saw, such as "v7" (with the quotes); * is any. */
                "If-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    active?: boolean;
                    address?: string | null;
                    city?: string | null;
                    country?: string | null;
                    email?: string | null;
                    name: string;
                    phone?: string | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Store"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["store_not_found"];
            412: components["responses"]["version_mismatch"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    deleteStore: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description The version that you saw, such as "v7" (with the quotes); * is any. */
                "If-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["store_not_found"];
            409: components["responses"]["store_in_use"];
            412: components["responses"]["version_mismatch"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    changeStore: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key with the same request gives the first answer again. */
                "Idempotency-Key"?: string;
                /** @description The version that you saw, such as "v7" (with the quotes); * is any. */
                "If-Match"?: string;
            };
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    active?: boolean;
                    address?: string | null;
                    city?: string | null;
                    country?: string | null;
                    email?: string | null;
                    name?: string;
                    phone?: string | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Store"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["store_not_found"];
            412: components["responses"]["version_mismatch"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            422: components["responses"]["idempotency_key_reused"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookPage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Begin behind this event, not at the end. */
                    after_seq?: number;
                    description?: string | null;
                    /** @description Ids of stores, or "*" for all of them. */
                    stores?: string[] | string;
                    /** @description Types of events, or "*" for all of them. */
                    types?: ("stock.created" | "stock.updated" | "stock.transferred" | "stock.low" | "stock.out" | "stock.back" | "reservation.created" | "reservation.confirmed" | "reservation.cancelled" | "reservation.expired" | "reservation.extended" | "product.created" | "product.updated" | "product.archived" | "store.created" | "store.updated" | "store.archived")[] | string;
                    /** @description https://, and a public address: what is private, of this machine or of a link is refused. */
                    url: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewWebhook"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            409: components["responses"]["webhook_limit_reached"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["webhook_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["webhook_not_found"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    changeWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Go on behind this event: back, or over what it refuses. */
                    after_seq?: number;
                    description?: string | null;
                    /** @enum {string} */
                    state?: "active" | "paused";
                    /** @description Ids of stores, or "*" for all of them. */
                    stores?: string[] | string;
                    /** @description Types of events, or "*" for all of them. */
                    types?: ("stock.created" | "stock.updated" | "stock.transferred" | "stock.low" | "stock.out" | "stock.back" | "reservation.created" | "reservation.confirmed" | "reservation.cancelled" | "reservation.expired" | "reservation.extended" | "product.created" | "product.updated" | "product.archived" | "store.created" | "store.updated" | "store.archived")[] | string;
                    /** @description https://, and a public address: what is private, of this machine or of a link is refused. */
                    url?: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["webhook_not_found"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before. */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDeliveryPage"];
                };
            };
            400: components["responses"]["invalid_cursor-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["webhook_not_found"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    redeliverToWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    seq: number;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["webhook_not_found"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    end_old?: boolean;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewWebhook"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["webhook_not_found"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1–64 characters of A-Z a-z 0-9 . _ : -, the first a letter or digit. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            400: components["responses"]["invalid_idempotency_key-or-malformed_json-or-validation_failed"];
            401: components["responses"]["unauthenticated"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["webhook_not_found"];
            413: components["responses"]["body_too_large"];
            415: components["responses"]["unsupported_media_type"];
            429: components["responses"]["rate_limited"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            503: components["responses"]["database_unavailable-or-overloaded"];
        };
    };
    getDocs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
        };
    };
    getDocsScript: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["unauthenticated"];
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
        };
    };
    getOpenapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            431: components["responses"]["headers_too_large"];
            500: components["responses"]["internal"];
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
        };
    };
}
