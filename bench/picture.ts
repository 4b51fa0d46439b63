// A run as a picture: bars for rates of closed loops, and for paced ones their latencies. Plain SVG with its own
// colours for light and dark, so that it can be read wherever a README is shown.

import { count, headOf, rateText, warningOf } from "./report.ts";
import type { Result, Run } from "./result.ts";

const [width, left, right, line] = [1250, 570, 190, 24];
const style = `
  .page { fill: #ffffff } text { font: 13px system-ui, sans-serif; fill: #24292f }
  .head { font-weight: 600; font-size: 15px } .small { fill: #57606a; font-size: 11px }
  .bar { fill: #2f6feb } .floor { fill: #8c959f } .p50 { fill: #2f6feb } .p99 { fill: #d4671c }
  .p99bar { fill: #d4671c; opacity: 0.35 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .small { fill: #9198a1 }
    .bar, .p50 { fill: #6ea8fe } .floor { fill: #6e7681 } .p99, .p99bar { fill: #f0883e }
  }`;

interface Block {
  readonly height: number;
  readonly draw: (top: number) => string;
}

export function picture(run: Run): string {
  const of = (loop: Result["loop"]): Result[] => run.results.filter((one) => one.loop === loop);
  const blocks = [
    bars("Reads and mixed, closed loop, per second", of("closed").filter(isRead)),
    bars(
      "Writes, closed loop, per second",
      of("closed").filter((one) => !isRead(one)),
    ),
    bars("Batches without HTTP, reservations per second", of("engine")),
    latencies("At a pace, from the time at which it should have been sent, ms", of("open")),
  ].filter(({ height }) => height > 0);
  let top = 44;
  const drawn = blocks.map((block) => {
    const svg = block.draw(top);
    top += block.height;
    return svg;
  });
  const head = headOf(run);
  const isWarned = warningOf(run) !== "";
  const cut = head.indexOf("; ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + 10}" width="${width}" height="${top + 10}" role="img" aria-label="Rates and latencies of Onhand">
<style>${style}</style>
<rect class="page" width="100%" height="100%" rx="6"/>
${text(16, 20, head.slice(0, cut), "small")}
${text(16, 36, (isWarned ? "NOT VALID, THE MACHINE WAS BUSY. " : "") + head.slice(cut + 2), "small")}
${drawn.join("\n")}
</svg>
`;
}

function isRead({ unit }: Result): boolean {
  return unit === "request";
}

function bars(title: string, results: readonly Result[]): Block {
  const most = Math.max(...results.map(({ perSecond }) => perSecond));
  return block(title, results, (result, y) => {
    const length = Math.max(1, (result.perSecond / most) * (width - left - right));
    const kind = /^(?:floor|plain|engine\/raw)/.test(result.id) ? "floor" : "bar";
    const p99 = Object.values(result.latency).map(({ p99Ms }) => p99Ms);
    const said = p99.length === 0 ? "" : `, p99 ${Math.max(...p99).toFixed(1)} ms`;
    return (
      `<rect class="${kind}" x="${left}" y="${y - 13}" width="${length.toFixed(1)}" height="16" rx="2"/>` +
      text(left + length + 6, y, `${rateText(result)}${said}`)
    );
  });
}

/** On a logarithmic scale from 0.1 ms on: p50 as a point, p99 at the end of the bar. */
function latencies(title: string, results: readonly Result[]): Block {
  const ofKinds = results.flatMap((result) =>
    Object.entries(result.latency).map(([kind, latency]) => ({ result, kind, latency })),
  );
  const most = Math.max(...ofKinds.map(({ latency }) => latency.p99Ms), 1);
  const place = (ms: number): number =>
    left + (Math.log(Math.max(ms, 0.1) / 0.1) / Math.log(most / 0.1)) * (width - left - right);
  const named = ofKinds.map(({ result, kind, latency }) => ({
    latency,
    title: `${result.title.replace(/, at \d+ %$/, "")}: ${count(result.offeredPerSecond ?? 0)}/s, ${kind}`,
  }));
  return block(title, named, ({ latency }, y) => {
    const [p50, p99] = [place(latency.p50Ms), place(latency.p99Ms)];
    return (
      `<rect class="p99bar" x="${p50.toFixed(1)}" y="${y - 7}" width="${(p99 - p50).toFixed(1)}" height="5"/>` +
      `<circle class="p50" cx="${p50.toFixed(1)}" cy="${y - 4.5}" r="5"/>` +
      `<circle class="p99" cx="${p99.toFixed(1)}" cy="${y - 4.5}" r="5"/>` +
      text(p99 + 10, y, `${latency.p50Ms.toFixed(1)}, p99 ${latency.p99Ms.toFixed(1)}`)
    );
  });
}

function block<Row extends { readonly title: string }>(
  title: string,
  rows: readonly Row[],
  draw: (row: Row, y: number) => string,
): Block {
  return {
    height: rows.length === 0 ? 0 : (rows.length + 2) * line,
    draw: (top) =>
      [
        text(16, top + line, title, "head"),
        ...rows.map((row, index) => {
          const y = top + (index + 2) * line;
          return text(16, y, row.title) + draw(row, y);
        }),
      ].join("\n"),
  };
}

function text(x: number, y: number, words: string, kind?: string): string {
  const escaped = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const named = kind === undefined ? "" : ` class="${kind}"`;
  return `<text${named} x="${x.toFixed(1)}" y="${y}">${escaped}</text>`;
}
