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

interface Series {
  readonly labels: Labels;
  /** Observations per bucket, the last beyond all bounds. */
  readonly counts: number[];
  sum: number;
}

export function openDurations(options: DurationsOptions): Durations {
  const { name, help, buckets } = options;
  const all: Series[] = [];
  const histogram = new Histogram({ ...options, buckets: [...buckets] });
  const read = () =>
    Promise.resolve({
      name,
      help,
      type: "histogram",
      aggregator: "sum",
      values: all.flatMap((one) => valuesOf(name, buckets, one)),
    });
  Object.assign(histogram, { get: read, getForPromString: read });
  return {
    series(labels) {
      const one: Series = {
        labels,
        counts: Array.from({ length: buckets.length + 1 }, zero),
        sum: 0,
      };
      all.push(one);
      return {
        observe(value) {
          one.sum += value;
          let bucket = 0;
          while (bucket < buckets.length && value > (buckets[bucket] ?? 0)) bucket += 1;
          one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
        },
      };
    },
  };
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
