// Every bound by name, with its unit. A number that limits something lives here, so that a reader can
// see in one place what the service refuses and why it stays small. Values that an operator may
// change are in config.ts; these may not be changed without thinking about both mistakes.

/** Longest id of a product, store, reservation or group, characters. */
export const idLengthMax = 64;
/** Longest customer id or actor name, characters. */
export const customerIdLengthMax = 128;
export const skuLengthMax = 64;
export const nameLengthMax = 200;
export const descriptionLengthMax = 2_000;
export const categoryLengthMax = 100;
export const noteLengthMax = 500;
/** Longest metadata of a reservation, bytes of its JSON text. */
export const metadataBytesMax = 4_096;

/** Largest quantity of a stock row and of one change. Sums of many rows stay exact in a double. */
export const quantityMax = 1_000_000_000;
/** Largest price, in units of currency. Its cents fit where quantities do. */
export const priceMax = 10_000_000;
/** Units in one reservation (the seed's rule). */
export const reservationQuantityMax = 100;
export const ttlSecondsMax = 86_400;
export const ttlSecondsDefault = 600;

/** Lines of one basket. */
export const reservationLinesMax = 50;
/** Lines of one POST /stock/batch. */
export const batchLinesMax = 1_000;
/** Products of one POST /availability/query. */
export const availabilityQueryMax = 500;

/** Products of it that are read and made into text at a time: with 1,000 stores that is 20 ms. */
export const availabilityReadMax = 20;

export const pageLimitDefault = 50;
export const pageLimitMax = 500;

/** A file of one import, bytes: some millions of rows. It is never held whole. */
export const importBytesMax = 256 * 1024 * 1024;
/** Rows that an import looks at together; a file needs the memory of so many, and of the file's keys. */
export const importRowsAtOnce = 512;
/** Characters of such rows together: long ones are looked at fewer at a time. */
export const importCharactersAtOnce = 2_000_000;
/** Of a file so many bytes are read before others have their turn. */
export const importPieceBytes = 4_096;
/** Commands of one import on their way at once: half a commit, so that others find room in each. */
export const importCommandsAtOnce = 128;
/** Imports at once of one instance, and of one caller: nobody is to have them all. Beyond it: 503. */
export const importsMax = 3;
export const importsPerCallerMax = 2;
/** No byte of a file came for so long, ms: whoever sends it is gone. */
export const importSilenceMsMax = 30_000;
/** How long an import waits while the service is too busy for its commands, ms, before it breaks off. */
export const importBusyMsMax = 30_000;
/** Bytes of an answer that its client has not read: beyond it rows are counted, and no longer told. */
export const importUnreadBytesMax = 8 * 1024 * 1024;
/** How long after its end an answer may wait for its client to read it, ms; then it is cut. */
export const importUnreadMsMax = 60_000;
/** Exports at once of one instance, and of one caller. Beyond it: 503. */
export const exportsMax = 20;
export const exportsPerCallerMax = 4;
/** Nothing of an export was taken for so long, ms: nobody reads it, and it is cut. */
export const exportUnreadMsMax = 60_000;
/** Differences that a preview shows where nothing is said, and at most. */
export const importShownDefault = 100;
export const importShownMax = 1_000;
/** How long an import may be gone on with, ms: an hour less than idempotency keys are promised, for clocks. */
export const importKnownMs = 23 * 3_600_000;

export const idempotencyKeyLengthMax = 255;
/** How long an idempotency record is kept, ms. Promised: 24 h at least; an hour more absorbs a late pruner. */
export const idempotencyKeptMs = 25 * 3_600_000;

/** Body of an ordinary request, bytes. */
export const bodyBytesMax = 64 * 1024;
/** Body of a batch or query, bytes. */
export const batchBodyBytesMax = 1024 * 1024;
/** All request headers together, bytes. */
export const headerBytesMax = 16 * 1024;
/** Longest URL path parameter, UTF-16 units after its escapes are read: a SKU of 64 emoji has 128. Longer ones are no id of ours. */
export const pathParamLengthMax = 200;

/** So many full batches may wait for a commit before others wait at the door: one is filled while one is decided. */
export const roomBatches = 2;
/** How long a command waits at the door to be let in, ms; after that it is refused: 503. */
export const doorWaitMsMax = 1_000;
/** From one refusal at the door to the next, ms. Each costs 0.2 to 0.4 ms of processor time, and lets the next one in. */
export const doorRefusalGapMs = 5;
/** How often it is looked who may come in, ms: well below what a full batch takes. */
export const doorLookMs = 5;
/** Commands waiting at the door. Beyond it: 503 at once. It bounds memory: some 20 kB for each. */
export const doorCommandsMax = 4_096;
/** Commands waiting for a commit. Beyond it: 503. It bounds memory; the next one bounds the wait. */
export const queueCommandsMax = 8_192;
/** So long a burst may wait, ms, before no more are taken than were decided in the last second: 503. */
export const queueBurstMs = 250;
/** So many full batches may wait however few were decided: with fewer the store would not be busy. */
export const queueBatchesMin = 4;
/** Whose turn comes later than this, ms, is refused instead: 503. Most callers have not given up yet. */
export const queueWaitMsMax = 2_000;
/** Commands of one commit. Larger batches no longer raise throughput and make the last caller wait. */
export const batchCommandsMax = 256;
/** Lines (stock rows touched) of one commit. */
export const batchRowsMax = 2_048;
/** Tries of a batch that failed on a retryable error. */
export const commitTriesMax = 5;
/** No try of a batch begins later than this after its first, ms: where each waits for one lock, 10 s in all. */
export const commitAgainMsMax = 7_000;

/** How far the clock may be behind the last commit before a start says so, ms. */
export const clockBehindMsMax = 60_000;

/** Due holds that the expiry worker releases in one commit: small enough that a reserve waits a few ms. */
export const expireCommandMax = 50;
/**
 * Due holds of one row released before deciding on it; more only where the decision depends on them. Where thousands end at
 * once, each command pays for so many of them: with 20 the slowest 1 % took more than twice as long as with 5.
 */
export const dueHoldsPerRowMax = 5;
/** Idempotency records deleted in one step of the pruner. */
export const pruneRecordsMax = 2_000;
/** Stock rows that one tick of the reconcile worker checks. */
export const reconcileRowsMax = 200;
/** Log entries that it reads for them: the reader must not be held for seconds. A row with more is left to `onhand verify`. */
export const reconcileEventsMax = 20_000;

/** Log entries that one filtered read looks at before it answers with what it found. */
export const eventsScannedMax = 20_000;
/** Reservations that one list without an index looks at before it answers with what it found. */
export const reservationsScannedMax = 20_000;
/** Log entries that the tail reads at a time. */
export const tailEventsMax = 1_000;

/** Log entries that the relay publishes with one call: some milliseconds of Redis. */
export const relayEventsMax = 500;
/** Log entries that wait in memory for the relay. Beyond it they are dropped there, and it reads the log. */
export const relayFedEventsMax = 20_000;
/** How long one instance has the lease of the relay without a word, ms: so long nothing is published when it dies. */
export const relayLeaseMs = 3_000;
/** How long the relay works before it looks whether it is to stop, ms; a step of it comes on top. */
export const relayTickMsMax = 250;
/** At a stop, how long it publishes and marks what is left, ms; the rest is for whoever has the lease next. */
export const relayFinishMsMax = 5_000;
/** How often the others look how far it is, ms. */
export const relayFollowMs = 1_000;
/** Log entries that one replay goes through: some seconds. */
export const replayEventsMax = 100_000;
/** How often an instance looks for commits of others that it was not told of, ms. */
export const tailPollMs = 250;
/** How often an instance looks for due holds that another one made, ms. */
export const expiryLookMs = 1_000;
/** How often the relay marks what it has published, ms. */
export const markEveryMs = 5_000;
/** Log entries marked as published in one transaction: a commit waits for it. */
export const markedEventsMax = 2_000;

/** Bytes that may wait in one SSE client's socket before it is cut off. */
export const sseBufferBytesMax = 1024 * 1024;
export const sseHeartbeatMs = 15_000;
/** How often streams are checked for a key or session that ended at another instance, ms. Promised: 5 s. */
export const sseCheckMs = 4_000;
/** SSE clients of one instance. */
export const sseClientsMax = 10_000;
/** SSE connections of one caller (key, user or session). */
export const sseClientsPerCallerMax = 100;

/**
 * Availability documents kept in process, bytes. By size and not by number: a product in 1,000 stores has one
 * of 300 kB, a product in four one of 3 kB, of which this holds 20,000.
 */
export const cachedDocumentBytesMax = 64 * 1024 * 1024;
/** The longest document that instances share, characters: a product in 1,700 stores. */
export const sharedDocumentLengthMax = 512 * 1024;
/** Products whose last event an instance remembers, 5 MB; of the others it takes the newest that it forgot. */
export const knownProductsMax = 50_000;
/** Documents of products that one call marks as changed: some milliseconds of Redis. */
export const markedDocumentsMax = 500;
/** How long a request waits for Redis, ms. */
export const redisAnswerMsMax = 25;
/** Answers of Redis that come too late in a row, before nobody waits for it, and for how long then, ms. */
export const redisLateMax = 3;
export const redisPauseMs = 1_000;
/** How long a session that was read counts without its row, ms: where Redis did not hear of its end. */
export const sessionKnownMs = 2_000;
/** API keys that are remembered, and for how long, ms: what a look-up per request would cost, against revocation. */
export const cachedKeysMax = 10_000;
export const keyKnownMs = 50;
/** JWTs whose verification is remembered until they expire. */
export const cachedTokensMax = 10_000;

/** Graceful stop: everything that was accepted is finished within this time, ms. */
export const stopMsMax = 25_000;
/** At a stop, how long answers ask clients to close their connections before resting ones are closed, ms. */
export const drainMs = 500;
/** At a stop, how long a request may take to arrive whole and be answered before it is cut off, ms. */
export const stuckMsMax = 10_000;
/** How long SQLite waits for another process's short write (keys, backup), ms. */
export const busyTimeoutMs = 5_000;

/** Longest credential that is looked at, characters. A JWT with many stores is long; a longer one is a mistake. */
export const tokenLengthMax = 8_192;
/** Stores that one token or key may name. */
export const callerStoresMax = 1_000;
/** How long the verification of a token is trusted, ms: a key that was withdrawn stops working after it. */
export const tokenTrustedMs = 300_000;
/** The key set of whoever issues tokens, bytes: a key has some hundreds. */
export const keySetBytesMax = 1024 * 1024;
/** Wrong credentials from one address per minute. Beyond it: 429. */
export const failedSignInsPerMinuteMax = 120;
/** Addresses and callers whose rates are remembered at once, each kind. */
export const ratesKept = 20_000;
/**
 * Mean delay of the event loop beyond which every request is refused with 503, ms: the last resort. It is no sooner
 * than the bound of the queue, which refuses only what is too much: refusing all for a while would idle the store.
 */
export const loopDelayMsMax = 1_000;
/** Time for a whole request to arrive, ms. Slower ones hold a socket on purpose. */
export const requestArrivalMsMax = 30_000;
/** Idle time of a kept-alive connection, ms. Longer than the 60 s that load balancers keep theirs. */
export const keepAliveMs = 72_000;
/** Nesting of free JSON (metadata). */
export const jsonDepthMax = 16;

/** PostgreSQL: time to open a connection, ms. */
export const connectMsMax = 2_000;
/** PostgreSQL: longest statement of a request, ms. */
export const statementMsMax = 10_000;
/** PostgreSQL: longest wait for a lock that another commit holds, ms. */
export const lockWaitMsMax = 5_000;
/** PostgreSQL: longest silence within a transaction before the server ends it, ms. */
export const idleTransactionMsMax = 10_000;
/** PostgreSQL: how long a commit whose answer was lost waits to learn what became of it, ms. */
export const fateMsMax = 15_000;
/** PostgreSQL: how often a connection that hears of other instances' commits is looked after, ms. */
export const listenRetryMs = 1_000;

/** Webhooks: how many there may be: each is a lane of its own. */
export const webhooksMax = 100;
/** Webhooks: attempts of each that are kept and shown. */
export const webhookDeliveriesKept = 200;
/** Webhooks: how long an endpoint may take to answer, from the look-up of its name to its last byte, ms. */
export const webhookAnswerMsMax = 10_000;
/** Webhooks: the same for what an admin sends by hand, so that they hear of it before their client gives up, ms. */
export const webhookAskedMsMax = 8_000;
/** Webhooks: of an answer so much is read, bytes. What it says beyond its status counts for nothing. */
export const webhookAnswerBytesMax = 65_536;
/** Webhooks: waits before an event is tried again, ms; each is made up to a fifth shorter or longer. */
export const webhookRetryMs: readonly number[] = [
  5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000, 43_200_000,
  86_400_000,
];
/** Webhooks: so far an endpoint's Retry-After is followed, ms. */
export const webhookRetryAfterMsMax = 86_400_000;
/** Webhooks: how long an instance that does not prolong it is the one that delivers, ms. */
export const webhookLeaseMs = 15_000;
/** Webhooks: how often it is looked whether there is something to send, ms. */
export const webhookLookMs = 500;
/** Webhooks: news of the log are looked at at once, but not sooner than this after the last look, ms. */
export const webhookWakeMs = 20;
/** Webhooks: after so many deliveries, or so long, ms, it is written how far an endpoint is. */
export const webhookRunMax = 50;
export const webhookRunMs = 1_000;
/** Webhooks: how long the secret before goes on signing after a rotation, ms. */
export const webhookOldSecretMs = 86_400_000;

/** Spans that wait for the receiver of traces, or are on their way to it; more are dropped. About 1 kB each. */
export const spansWaitingMax = 4_096;
/** Spans of one message to it. */
export const spansSentMax = 512;
/** How long a span waits for company, ms. */
export const spansEveryMs = 1_000;
/** How long a stop waits for the receiver of traces, ms. */
export const tracingCloseMsMax = 2_000;
