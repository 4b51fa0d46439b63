// A bar on a terminal for what takes long, one piece of work after another; nothing where no terminal is.

import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  /** What is begun now, of so many rows. */
  begin(what: string, rows: number): void;
  seen(rows: number): void;
  end(): void;
}

export function openProgress(): Progress {
  const bar = new SingleBar(
    {
      format: "{what} {bar} {percentage} %  {value} of {total} rows  {eta_formatted}",
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  return {
    begin(what, rows) {
      bar.stop();
      bar.start(rows, 0, { what });
    },
    seen: (rows) => bar.increment(rows),
    end: () => bar.stop(),
  };
}
