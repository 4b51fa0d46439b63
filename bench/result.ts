// What a run of all measurements leaves: the content of bench/results/*.json. Reports, the picture and the tables in
// the documents are made from it and from nothing else.

import type { Options } from "./options.ts";
import type { Latency } from "./plan.ts";

/** One measurement: the window with the middle rate. */
export interface Result {
  /** Stays the same from run to run: place, work, rows. */
  readonly id: string;
  readonly title: string;
  /** Of what so many were done in a second. */
  readonly unit: "reserve" | "reserve-confirm" | "request";
  readonly loop: "closed" | "open" | "engine";
  readonly perSecond: number;
  /** Of each window, in the order of time. */
  readonly perSecondOfAll: readonly number[];
  /** By the kind of request; only what was answered as wanted. */
  readonly latency: Readonly<Record<string, Latency>>;
  readonly statuses: Readonly<Record<string, number>>;
  readonly offeredPerSecond?: number;
  readonly givenUp?: number;
  readonly serverMicroseconds: number;
  readonly generatorMicroseconds?: number;
  /** Resident, the most after any window, MB. */
  readonly memoryMb?: number;
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly sqlite: string;
  readonly postgres: string | null;
  /** Commit of the sources, with "+" where files differed from it. */
  readonly commit: string;
  /** How long 4 kB take to the disk and back, flushed: the middle of many, ms. */
  readonly flushMs: number;
  /** Work beside the run, as the mean length of the run queue at its start. */
  readonly loadAverage: number;
}

/** How large the filled databases were, and what it took to fill them. */
export interface Filled {
  readonly database: string;
  readonly rows: number;
  readonly reservations: number;
  readonly events: number;
  readonly megabytes: number;
  readonly seconds: number;
}

/** Of the busy time of a thread of the service, while it reserves as fast as it can. */
export interface Share {
  readonly thread: string;
  readonly part: string;
  readonly percent: number;
}

export interface Run {
  readonly at: string;
  readonly minutes: number;
  readonly options: Options;
  readonly machine: Machine;
  /** As the databases themselves answered. */
  readonly durability: Readonly<Record<string, string>>;
  /** From the start of the process to the first answer, ms, by database. */
  readonly startMs: Readonly<Record<string, number>>;
  readonly filled: readonly Filled[];
  readonly profile: readonly Share[];
  readonly results: readonly Result[];
}
