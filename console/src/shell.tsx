// What stands around every page: where one can go, whether it is live, language, appearance, and who is signed in.

import {
  ActionIcon,
  Alert,
  AppShell,
  Badge,
  Burger,
  Group,
  Menu,
  NavLink,
  Text,
  Title,
  Tooltip,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconBoxSeam,
  IconBuildingStore,
  IconCalendarClock,
  IconDeviceTablet,
  IconFileImport,
  IconLanguage,
  IconLayoutDashboard,
  IconListDetails,
  IconLogout,
  IconMapPin,
  IconSettings,
  IconSunMoon,
  IconTags,
  IconWebhook,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import type { PageEntry } from "./app.tsx";
import { changeLanguage, type Language, languages, useWords } from "./i18n.ts";
import { useLiveState } from "./live.ts";
import { signOut, useMay, useSession } from "./session.tsx";
import { shellWords } from "./words/shell.ts";

const icons = {
  overview: IconLayoutDashboard,
  stock: IconBoxSeam,
  store: IconDeviceTablet,
  reservations: IconCalendarClock,
  products: IconTags,
  stores: IconMapPin,
  import: IconFileImport,
  events: IconListDetails,
  webhooks: IconWebhook,
  administration: IconSettings,
} as const;

export function Shell({
  pages,
  children,
}: {
  readonly pages: readonly PageEntry[];
  readonly children: ReactNode;
}) {
  const say = useWords(shellWords);
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const [location] = useLocation();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: "md", collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <button type="button" className="skip" onClick={focusContent}>
        {say("skip")}
      </button>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={say("menu")}
              aria-expanded={isOpen}
            />
            <IconBuildingStore aria-hidden color="var(--mantine-primary-color-filled)" />
            <Title order={1} size="h3">
              Onhand
            </Title>
            <LiveBadge />
          </Group>
          <Settings />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={say("menu")}>
        {pages.map(({ path, name }) => {
          const Icon = icons[name as keyof typeof icons];
          const isHere = location === path || (path !== "/" && location.startsWith(`${path}/`));
          return (
            <NavLink
              key={path}
              component={Link}
              href={path}
              label={say(name)}
              leftSection={<Icon size={20} aria-hidden />}
              active={isHere}
              aria-current={isHere ? "page" : undefined}
              onClick={close}
            />
          );
        })}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Lost />
        {children}
      </AppShell.Main>
    </AppShell>
  );
}

/** No link: what stands behind # in the address says which page it is. */
function focusContent(): void {
  document.getElementById("content")?.focus();
}

function LiveBadge() {
  const say = useWords(shellWords);
  const isLive = useLiveState() === "open";
  // Who may not read the log is not told of what happens: lists are read again now and then.
  if (!useMay()("events:read")) return null;
  return (
    <Badge variant="light" color={isLive ? "teal" : "orange"} data-live={isLive} visibleFrom="xs">
      {say(isLive ? "live" : "connecting")}
    </Badge>
  );
}

function Lost() {
  const say = useWords(shellWords);
  const state = useLiveState();
  return (
    <div role="status">
      {state === "waiting" && (
        <Alert color="orange" variant="light" mb="md" title={say("lost")} data-testid="lost" />
      )}
    </div>
  );
}

function Settings() {
  const say = useWords(shellWords);
  const { actor, role } = useSession();
  const { setColorScheme } = useMantineColorScheme();
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" visibleFrom="sm" truncate maw={220}>
        {actor} · {role}
      </Text>
      <Choice label={say("language")} icon={<IconLanguage size={20} aria-hidden />}>
        {Object.entries(languages).map(([code, name]) => (
          <Menu.Item key={code} lang={code} onClick={() => void changeLanguage(code as Language)}>
            {name}
          </Menu.Item>
        ))}
      </Choice>
      <Choice label={say("scheme")} icon={<IconSunMoon size={20} aria-hidden />}>
        {(["light", "dark", "auto"] as const).map((scheme) => (
          <Menu.Item key={scheme} onClick={() => setColorScheme(scheme)}>
            {say(scheme)}
          </Menu.Item>
        ))}
      </Choice>
      <Tooltip label={say("signOut")}>
        <ActionIcon
          variant="subtle"
          size="lg"
          aria-label={say("signOut")}
          onClick={() => void signOut()}
        >
          <IconLogout size={20} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

function Choice({
  label,
  icon,
  children,
}: {
  readonly label: string;
  readonly icon: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="subtle" size="lg" aria-label={label}>
          {icon}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
