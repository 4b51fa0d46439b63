// Who is coming to collect: the open reservations of a store, those that end first at the top, and lines that were
// reserved together as one.

import type { Reservation } from "@onhand/client";
import { useQuery } from "@tanstack/react-query";
import { client } from "../client.ts";
import { useMay } from "../session.tsx";

/** What one person collects: a reservation, or the lines of a group. */
export interface PickUp {
  readonly id: string;
  readonly groupId: string | null;
  readonly customerId: string;
  readonly until: string;
  readonly lines: readonly [Reservation, ...Reservation[]];
}

export interface PickUpList {
  /** undefined: not read yet. */
  readonly pickUps: readonly PickUp[] | undefined;
  /** Reservations that are open in all, and that were read. */
  readonly count: number;
  readonly read: number;
  readonly error: unknown;
}

const pageMax = 500;

export function usePickUps(storeId: string): PickUpList {
  const may = useMay();
  const { data, error } = useQuery({
    queryKey: ["reservations", "pick-ups", storeId],
    queryFn: () => client.reservations.pending(storeId, { limit: pageMax }).page(),
    enabled: may("reservation:read"),
  });
  return {
    pickUps: data === undefined ? undefined : pickUpsOf(data.items),
    count: data?.count ?? 0,
    read: data?.items.length ?? 0,
    error,
  };
}

/** Of one customer by the whole name: also those that the newest page leaves out. */
export function usePickUpsOf(storeId: string, customerId: string, isWanted: boolean): PickUpList {
  const { data, error } = useQuery({
    queryKey: ["reservations", "pick-ups", storeId, customerId],
    queryFn: () => {
      const query = { store_id: storeId, customer_id: customerId, limit: pageMax } as const;
      return client.reservations.list({ ...query, status: "PENDING" }).page();
    },
    enabled: isWanted && customerId !== "",
  });
  const items = data?.items ?? [];
  return { pickUps: pickUpsOf(items), count: items.length, read: items.length, error };
}

function pickUpsOf(reservations: readonly Reservation[]): readonly PickUp[] {
  const found = new Map<string, PickUp>();
  for (const one of reservations) {
    const { group_id: groupId, customer_id: customerId, expires_at: until } = one;
    const id = groupId ?? one.id;
    const known = found.get(id);
    if (known === undefined) found.set(id, { id, groupId, customerId, until, lines: [one] });
    else {
      const first = known.until < until ? known.until : until;
      found.set(id, { ...known, until: first, lines: [...known.lines, one] });
    }
  }
  return [...found.values()].sort((a, b) => (a.until < b.until ? -1 : a.until > b.until ? 1 : 0));
}
