// What can be done with a store: only what this person may.

import { ActionIcon, Menu } from "@mantine/core";
import type { Store } from "@onhand/client";
import {
  IconDeviceTablet,
  IconDots,
  IconLock,
  IconLockOpen,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import { Link } from "wouter";
import { useWords } from "../i18n.ts";
import type { StoreDeed } from "../pages/stores.tsx";
import { useMay } from "../session.tsx";
import { storeWords } from "./words.ts";

export function StoreMenu({
  store: { id, name, active },
  ask,
}: {
  readonly store: Store;
  readonly ask: (deed: StoreDeed) => void;
}) {
  const say = useWords(storeWords);
  const may = useMay();
  const hasDesk = may("stock:read", id);
  const mayChange = may("catalog:write");
  if (!hasDesk && !mayChange) return null;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" size={44} aria-label={say("actions", { name })}>
          <IconDots aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {hasDesk && (
          <Menu.Item
            component={Link}
            href={`/store/${id}`}
            leftSection={<IconDeviceTablet size={18} aria-hidden />}
          >
            {say("desk")}
          </Menu.Item>
        )}
        {mayChange && (
          <>
            <Menu.Item
              leftSection={<IconPencil size={18} aria-hidden />}
              onClick={() => ask("change")}
            >
              {say("open", { name })}
            </Menu.Item>
            <Menu.Item
              leftSection={
                active ? <IconLock size={18} aria-hidden /> : <IconLockOpen size={18} aria-hidden />
              }
              onClick={() => ask(active ? "deactivate" : "activate")}
            >
              {say(active ? "deactivate" : "activate")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconTrash size={18} aria-hidden />}
              onClick={() => ask("delete")}
            >
              {say("delete")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
