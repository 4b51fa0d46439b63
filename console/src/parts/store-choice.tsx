// One of the stores that the person may see.

import { Select } from "@mantine/core";
import { useStores } from "../queries.ts";
import { useSession } from "../session.tsx";

export interface StoreChoiceProps {
  readonly label: string;
  readonly value: string | null;
  readonly onChange: (storeId: string | null) => void;
  readonly clearable?: boolean;
  readonly placeholder?: string;
  readonly error?: string | undefined;
  /** Not offered. */
  readonly without?: string;
  /** Only stores in which the person may do something; true where nothing is said. */
  readonly own?: boolean;
}

export function StoreChoice({ without, own = true, ...props }: StoreChoiceProps) {
  const stores = useStores();
  const { stores: mine } = useSession();
  const offered = stores.filter(
    ({ id }) => id !== without && (!own || mine === "*" || mine.includes(id)),
  );
  return (
    <Select
      {...props}
      searchable
      data={offered.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))}
    />
  );
}
