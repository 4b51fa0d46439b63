// Saving what others may change too: it names the version that the form began with. Where somebody else was quicker,
// nothing is saved, and what is stored now is read, to be shown beside what the person wants.

import { isOnhandError } from "@onhand/client";
import { useState } from "react";
import { useIntent } from "./intent.ts";

interface Versioned {
  readonly version: number;
}

export interface Saving<Thing, Wanted> {
  /** `version`: that which is to be replaced; null: it is new. */
  readonly run: (wanted: Wanted, version: number | null) => Promise<boolean>;
  readonly isRunning: boolean;
  readonly error: unknown;
  /** What is stored now, where somebody else was quicker. */
  readonly stored: Thing | null;
  readonly forget: () => void;
}

export interface SavingParts<Thing, Wanted> {
  readonly write: (
    wanted: Wanted,
    version: number | null,
    idempotencyKey: string,
  ) => Promise<Thing>;
  readonly read: () => Promise<Thing>;
  readonly done: (saved: Thing) => void;
}

export function useSaving<Thing extends Versioned, Wanted>({
  write,
  read,
  done,
}: SavingParts<Thing, Wanted>): Saving<Thing, Wanted> {
  const [stored, setStored] = useState<Thing | null>(null);
  const act = useIntent(
    async ({ wanted, version }: { wanted: Wanted; version: number | null }, key) => {
      try {
        return await write(wanted, version, key);
      } catch (error) {
        if (isOnhandError(error, "version_mismatch")) setStored(await read());
        throw error;
      }
    },
    done,
  );
  return {
    run: (wanted, version) => act.run({ wanted, version }),
    isRunning: act.isRunning,
    error: act.error,
    stored,
    forget() {
      setStored(null);
      act.forget();
    },
  };
}
