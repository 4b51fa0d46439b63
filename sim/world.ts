// One world: a plan carried out. Instances of the service share a simulated database and a simulated Redis, clients
// ask and read, things go wrong; then trouble ends, and everything has to come to rest within a bound: every
// request with a key answered, every event in the streams, at every client and in every instance, every due hold
// ended, every document as the database has it.

import { OverloadedError } from "../src/commands/execute.ts";
import type { Command } from "../src/domain/model.ts";
import { OperatingError } from "../src/lib/operating-error.ts";
import type { Outcome } from "../src/store/store.ts";
import { changeStock, createProduct, createStore } from "../test/support/commands.ts";
import { type Auditor, must, openAuditor, Violation } from "./auditor.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { openDatabase } from "./database.ts";
import { openFollower } from "./follower.ts";
import { type Instance, startInstance } from "./instance.ts";
import type { Kind, Meet } from "./met.ts";
import { type GivesUp, type Plan, places, products, type Step, type Trouble } from "./plan.ts";
import { rowOf } from "./rules.ts";
import { openRedis } from "./streams.ts";
import { inVirtualTime, type Time } from "./time.ts";

export interface Report {
  readonly violation: Violation | null;
  /** What was decided, and how often. */
  readonly decided: ReadonlyMap<string, number>;
  readonly met: ReadonlySet<Kind>;
  readonly moments: number;
  readonly events: number;
}

/** How long everything may take to come to rest after the last trouble, ms. */
const restMs = 60_000;
/** How late a due hold may be ended in a world without trouble, ms. */
const expiryLateMs = 2_500;
/** Moments that a world has at most: beyond, something turns round and round. */
const momentsMax = 60_000;
/** How long a client waits for an answer, ms. */
const patienceMs = 8_000;

const limits = { reservationsPerCustomer: 5, unitsPerCustomer: 10, reservationLifeMs: 8_000 };

export function simulate(plan: Plan): Promise<Report> {
  const chance = chanceOf(plan.seed, "world");
  return inVirtualTime(chance, async (time) => {
    const world = openWorld(plan, time, chance);
    let violation: Violation | null = null;
    try {
      await world.live();
    } catch (error) {
      violation = asViolation(error);
    }
    const { decided, log } = world.auditor;
    return { violation, decided, met: world.met, moments: time.moments(), events: log.length };
  });
}

function openWorld(plan: Plan, time: Time, chance: Chance) {
  const { journeyMs } = plan;
  let violation: Violation | null = null;
  const violated = (one: unknown): void => {
    violation ??= asViolation(one);
  };

  function mustBeWell(): void {
    if (violation !== null) throw violation;
  }

  const met = new Set<Kind>();
  const meet: Meet = (kind) => void met.add(kind);
  const database = openDatabase({
    meet,
    time,
    chance: chance.of("database"),
    limits,
    journeyMs,
    lostAnswers: plan.lostAnswers,
    fateMs: plan.fateMs,
    unknownFates: plan.unknownFates,
    duePerRow: plan.duePerRow,
    marked: (seq) => auditor.marked(seq),
    committed(commands, outcomes, beganAt) {
      // Thrown from here it would be the database's error, and the service would go on.
      try {
        auditor.committed(commands, outcomes, beganAt);
      } catch (error) {
        violated(error);
      }
    },
  });
  const auditor: Auditor = openAuditor({
    limits,
    tables: database.tables,
    now: time.now,
    exactLimits: plan.instances === 1,
  });
  const redis = plan.hasRedis
    ? openRedis({
        meet,
        time,
        chance: chance.of("redis"),
        journeyMs: journeyMs / 2,
        lostAnswers: plan.lostAnswers,
        appended: auditor.streams,
      })
    : null;
  const followers = Array.from({ length: plan.followers }, (_, index) =>
    openFollower({
      time,
      chance: chance.of(`follower ${index}`),
      storeId: index === 1 ? "s0" : null,
      log: database.log,
      journeyMs,
    }),
  );
  const ofClients = chance.of("clients");
  const ofWakes = chance.of("wakes");
  const instances = new Map<number, Instance>();
  /** What the instance itself has told of a product, in this life. */
  const told = new WeakMap<Instance, Map<string, number>>();
  let unanswered = 0;
  /** What was asked for by clients that left without an answer. */
  const left: Command[] = [];
  let isCalm = false;

  async function start(number: number): Promise<void> {
    try {
      const instance = await startInstance({
        name: `instance-${number}`,
        time,
        database,
        redis,
        cacheTtlMs: plan.cacheTtlMs,
        violated,
        tell: () => wake(number),
      });
      told.set(instance, new Map());
      instances.set(number, instance);
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error;
      await time.wait(100);
      await start(number);
    }
  }

  /** The first rows: without them there is no world. */
  async function open(opening: readonly Command[]): Promise<void> {
    try {
      await database.open().commit(opening);
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error;
      if (database.log.length === 0) await open(opening);
    }
  }

  function wake(from: number): void {
    for (const [number, instance] of instances) {
      if (number === from) continue;
      if (!isCalm && ofWakes.hits(plan.lostWakes)) {
        meet("wake lost");
        continue;
      }
      time.after(ofWakes.wait(journeyMs), instance.heard);
    }
  }

  function anyInstance(): Instance | null {
    return instances.size === 0 ? null : ofClients.pick([...instances.values()]);
  }

  /** One try at one instance; null: the client does not know what became of it. */
  async function ask(instance: Instance, command: Command, ms: number): Promise<Outcome | null> {
    const answer = instance.executor.execute(command).catch((error: unknown) => {
      const isKnown = error instanceof Error && /^(Operating|Overloaded)Error$/.test(error.name);
      if (!isKnown) violated(error);
      if (error instanceof OverloadedError) meet("refused as overloaded");
      return null;
    });
    const gone = Promise.race([instance.gone, time.wait(ms)]).then(() => null);
    const outcome = await Promise.race([answer, gone]);
    if (outcome === null || instance.isGone()) return null;
    auditor.acknowledged(command, outcome);
    const own = told.get(instance);
    // An answer that is given again tells of what it did then, wherever that was committed.
    const { requestId, replayed } = outcome;
    const events = replayed
      ? auditor.log.filter((event) => event.requestId === requestId)
      : outcome.events;
    for (const { productId, seq } of events) {
      for (const product of productId === null ? products : [productId]) {
        own?.set(product, Math.max(seq, own.get(product) ?? 0));
      }
    }
    return outcome;
  }

  /** With a key until it is answered; without, once. Who gives up does so at the first try. */
  async function send(command: Command, givesUp: GivesUp | undefined): Promise<void> {
    unanswered += 1;
    let ms = givesUp?.afterMs ?? patienceMs;
    for (;;) {
      const instance = anyInstance();
      const until = time.now() + ms;
      const outcome = instance === null ? null : await ask(instance, command, ms);
      if (outcome !== null || (command.once === null && instance !== null)) break;
      if (instance !== null && givesUp?.leaves) {
        left.push(command);
        break;
      }
      if (ms < patienceMs && time.now() >= until) meet("client gave up and asked again");
      ms = patienceMs;
      await time.wait(50 + ofClients.wait(200));
    }
    unanswered -= 1;
  }

  async function readAt(instance: Instance, productId: string): Promise<void> {
    const own = told.get(instance)?.get(productId) ?? 0;
    const heard = auditor.lastOf(productId, instance.tail.seq());
    const kept = instance.cache.kept(productId);
    const document =
      kept ??
      (await instance.cache
        .get(productId)
        .then((found) => found.document)
        // The database is away: 503.
        .catch(() => null));
    if (document === null || instance.isGone()) return;
    const { asOfSeq, rows } = document.availability;
    const what = (): unknown => [productId, asOfSeq, { own, heard }, instance.name];
    must(asOfSeq >= own, "G9: who wrote here reads here what it wrote", what);
    must(asOfSeq >= heard, "G9: a document is as new as what its instance has heard", what);
    for (const row of rows) auditor.shown(rowOf({ productId, storeId: row.storeId }), row);
  }

  async function read(productId: string): Promise<void> {
    const instance = anyInstance();
    if (instance !== null) await readAt(instance, productId);
  }

  function trouble(one: Trouble): void {
    switch (one.what) {
      case "crash": {
        const instance = instances.get(one.instance);
        if (instance === undefined) return;
        meet("crash");
        instances.delete(one.instance);
        instance.crash();
        time.after(one.ms, () => void start(one.instance).catch(violated));
        return;
      }
      case "slow instance": {
        const session = instances.get(one.instance)?.session;
        if (session === undefined) return;
        session.slowMs = one.by;
        time.after(one.ms, () => {
          session.slowMs = 0;
        });
        return;
      }
      case "database away":
        database.isAway = true;
        database.terminate();
        time.after(one.ms, () => {
          database.isAway = false;
        });
        return;
      case "connections ended":
        return database.terminate();
      case "database clock":
        meet("database clock");
        return database.jump(one.by);
      case "slow disk":
        database.diskMs = one.by;
        time.after(one.ms, () => {
          database.diskMs = 0;
        });
        return;
      case "clock":
        meet("clock");
        return time.jump(one.by);
      case "feed cut":
        if (followers[one.follower]?.isConnected()) meet("feed cut");
        return followers[one.follower]?.cut();
      default:
        if (redis !== null) troubleOfRedis(one, redis);
    }
  }

  function troubleOfRedis(
    one: Extract<Trouble, { what: `redis ${string}` }>,
    there: NonNullable<typeof redis>,
  ): void {
    switch (one.what) {
      case "redis away":
        there.isAway = true;
        time.after(one.ms, () => {
          there.isAway = false;
        });
        return;
      case "redis slow":
        there.slowMs = one.by;
        time.after(one.ms, () => {
          there.slowMs = 0;
        });
        return;
      case "redis lost its end":
        return there.lose(one.count);
      case "redis emptied":
        return there.empty();
    }
  }

  function carryOut(step: Step): void {
    if (step.kind === "trouble") trouble(step.trouble);
    else if (step.kind === "read") void read(step.productId).catch(violated);
    else {
      if (step.copies > 1) meet("request doubled");
      for (let copy = 0; copy < step.copies; copy += 1) {
        void send(step.command, step.givesUp).catch(violated);
      }
    }
  }

  /** Who has lost its connection comes back. */
  function reconnect(): void {
    for (const follower of followers) {
      const instance = anyInstance();
      if (!follower.isConnected() && instance !== null) follower.connect(instance);
    }
    time.after(20 + ofClients.wait(100), reconnect);
  }

  /** null: everything has come to rest; else what has not. */
  function restless(): string | null {
    const head = database.log.length;
    if (unanswered > 0) return `${unanswered} requests have no answer`;
    if (instances.size < plan.instances) return "an instance has not started again";
    for (const { tail, name } of instances.values()) {
      if (tail.seq() < head) return `${name} knows of ${tail.seq()} of ${head} events`;
    }
    for (const follower of followers) {
      if (follower.cursor() < lastHeard(follower === followers[1] ? "s0" : null)) {
        return `a client of the feed is at ${follower.cursor()} of ${head}`;
      }
    }
    if (redis !== null && redis.entries.length < head) {
      return `the streams have ${redis.entries.length} of ${head} events`;
    }
    if (redis !== null && database.marked() < head) {
      return `${database.marked()} of ${head} events are marked`;
    }
    return null;
  }

  function lastHeard(storeId: string | null): number {
    return database.log.findLast((one) => storeId === null || one.storeId === storeId)?.seq ?? 0;
  }

  function overdue(): string | null {
    const now = database.clock() - expiryLateMs;
    for (const hold of auditor.standing.holds.values()) {
      if (hold.status === "PENDING" && hold.expiresAt < now) return `${hold.id} is overdue`;
    }
    return null;
  }

  /** Every instance has heard of everything: its documents are what the database has. */
  async function readEverywhere(): Promise<void> {
    for (const instance of instances.values()) {
      for (const productId of products) await readAt(instance, productId);
    }
  }

  async function rest(): Promise<void> {
    isCalm = true;
    database.isAway = false;
    database.diskMs = 0;
    // Else each is asked after for as long as the adapter asks, one commit after the other.
    database.unknownFates = 0;
    if (redis !== null) {
      redis.isAway = false;
      redis.slowMs = 0;
    }
    for (const { session } of instances.values()) session.slowMs = 0;
    const until = time.now() + restMs;
    const stop = (): boolean => violation !== null || time.moments() > momentsMax;
    await time.run(until, () => stop() || (restless() === null && overdue() === null));
    mustBeWell();
    must(time.moments() <= momentsMax, "nothing turns round and round", () => time.moments());
    must(restless() === null && overdue() === null, "everything comes to rest", () => [
      ...[restless(), overdue()],
    ]);
    let isCompared = false;
    const comparing = readEverywhere().then(() => {
      isCompared = true;
    });
    comparing.catch(violated);
    await time.run(time.now() + 1_000, () => isCompared || violation !== null);
    mustBeWell();
    for (const { requestId } of left) {
      meet(auditor.isDecided(requestId) ? "client left, done" : "client left, not done");
    }
  }

  return {
    auditor,
    met,
    async live(): Promise<void> {
      const commands: readonly Command[] = [
        ...products.map((id) => createProduct(id, { sku: id })),
        ...places.map((id) => createStore(id)),
        ...products.map((productId) =>
          changeStock({ productId, storeId: "s0", amount: plan.units }),
        ),
      ];
      const opening = commands.map((one, index) => ({ ...one, requestId: `opening-${index}` }));
      void open(opening).catch(violated);
      await time.run(1_000, () => database.log.length >= opening.length);
      for (let number = 0; number < plan.instances; number += 1) {
        void start(number).catch(violated);
      }
      time.after(0, reconnect);
      const begin = time.now();
      for (const step of plan.steps) time.after(step.at, () => carryOut(step));
      await time.run(begin + plan.untilMs, () => violation !== null || time.moments() > momentsMax);
      mustBeWell();
      await rest();
    },
  };
}

function asViolation(error: unknown): Violation {
  if (error instanceof Violation) return error;
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Violation(`a bug: ${words}`);
}
