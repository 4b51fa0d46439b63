// Latencies in buckets that are 1 % wide, as an HDR histogram: percentiles within 1 % at a fixed size,
// however many values are recorded.

const growth = 1.01;
const smallestMs = 0.01;
const buckets = 1_600;

export interface Histogram {
  record(ms: number): void;
  count(): number;
  /** The value, in ms, that `percent` of the records do not exceed. */
  percentile(percent: number): number;
}

export function openHistogram(): Histogram {
  const counts = new Uint32Array(buckets);
  let total = 0;
  return {
    record(ms) {
      const index = Math.ceil(Math.log(Math.max(ms, smallestMs) / smallestMs) / Math.log(growth));
      const bucket = Math.min(index, buckets - 1);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      total += 1;
    },
    count: () => total,
    percentile(percent) {
      const wanted = Math.max(1, Math.ceil((total * percent) / 100));
      let seen = 0;
      for (const [bucket, count] of counts.entries()) {
        seen += count;
        if (seen >= wanted) return Number((smallestMs * growth ** bucket).toFixed(3));
      }
      return 0;
    },
  };
}
