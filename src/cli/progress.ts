// A bar on a terminal for what takes long, one piece of work after another; nothing where no terminal is.

import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  /** What is begun now, of so many rows, or of what else is counted. */
  begin(what: string, total: number, unit?: string): void;
  seen(more: number): void;
  end(): void;
}

export function openProgress(): Progress {
  const bar = new SingleBar(
    {
      format: "{what} {bar} {percentage} %  {value} of {total} {unit}  {eta_formatted}",
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  return {
    begin(what, total, unit = "rows") {
      bar.stop();
      bar.start(total, 0, { what, unit });
    },
    seen: (more) => bar.increment(more),
    end: () => bar.stop(),
  };
}
