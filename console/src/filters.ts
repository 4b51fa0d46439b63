// What a list is narrowed to, kept in the address: it can be sent to somebody, and the way back leads to it.

import { useSearchParams } from "wouter";

export interface Filters<Name extends string> {
  readonly values: Readonly<Record<Name, string | null>>;
  readonly isAny: boolean;
  /** `isStep`: the way back leads to what was before. */
  readonly set: (name: Name, value: string | null, isStep?: boolean) => void;
  readonly clear: () => void;
}

export function useFilters<const Name extends string>(names: readonly Name[]): Filters<Name> {
  const [params, setParams] = useSearchParams();
  const entries = names.map((name) => [name, params.get(name)] as const);
  return {
    values: Object.fromEntries(entries) as Record<Name, string | null>,
    isAny: entries.some(([, value]) => value !== null),
    set(name, value, isStep = false) {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === null || value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: !isStep },
      );
    },
    clear: () => setParams({}, { replace: true }),
  };
}
