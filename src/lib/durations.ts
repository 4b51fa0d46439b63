// The histogram of request durations. prom-client checks and hashes the labels of each observation,
// which costs more than all other hooks of a request; here a series is looked up once, observing is
// three additions, and the labels are written when somebody reads the metrics.

import { Histogram, type Registry } from "prom-client";

/** Observes one series; made once per label set. */
export interface Observer {
  /** In the unit of the metric. */
  observe(value: number): void;
}

export type Labels = Readonly<Record<string, string>>;

export interface Durations {
  /** The series of these labels, made at its first use. */
  series(labels: Labels): Observer;
}

export interface DurationsOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
  readonly registers: Registry[];
}

interface Series extends Observer {
  readonly labels: Labels;
  /** Observations per bucket, the last beyond all bounds. */
  readonly counts: number[];
  readonly sum: number;
}

export function openDurations(options: DurationsOptions): Durations {
  const { name, help, labelNames, buckets } = options;
  const all = new Map<string, Series>();
  const histogram = new Histogram({ ...options, buckets: [...buckets] });
  const read = () =>
    Promise.resolve({
      name,
      help,
      type: "histogram",
      aggregator: "sum",
      values: [...all.values()].flatMap((one) => valuesOf(name, buckets, one)),
    });
  Object.assign(histogram, { get: read, getForPromString: read });
  return {
    series(labels) {
      const id = JSON.stringify(labelNames.map((label) => labels[label]));
      const one = all.get(id) ?? openSeries(labels, buckets);
      all.set(id, one);
      return one;
    },
  };
}

function openSeries(labels: Labels, buckets: readonly number[]): Series {
  const counts = Array.from({ length: buckets.length + 1 }, zero);
  const one = {
    labels,
    counts,
    sum: 0,
    observe(value: number) {
      one.sum += value;
      let bucket = 0;
      while (bucket < buckets.length && value > (buckets[bucket] ?? 0)) bucket += 1;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    },
  };
  return one;
}

const zero = (): number => 0;

function valuesOf(name: string, buckets: readonly number[], { labels, counts, sum }: Series) {
  let count = 0;
  const values = counts.map((own, index) => {
    count += own;
    const le = buckets[index] ?? "+Inf";
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...values,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
