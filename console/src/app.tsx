// From signed out to signed in, and which page an address is. Pages are loaded when they are first opened.

import { Button, Center, Loader, Stack, Text } from "@mantine/core";
import { type ComponentType, lazy, Suspense, useEffect } from "react";
import { Link, Redirect, Route, Router, Switch } from "wouter";
import { useAddress } from "./address.ts";
import { useWords } from "./i18n.ts";
import { startLive, useLiveState } from "./live.ts";
import { PageBoundary } from "./parts/page-boundary.tsx";
import { queries, startQueries } from "./queries.ts";
import { startRows } from "./rows.ts";
import { setByService } from "./service-time.ts";
import { SignedIn, useMay, useSessionQuery } from "./session.tsx";
import { Shell } from "./shell.tsx";
import { shellWords } from "./words/shell.ts";

const Overview = lazy(async () => ({ default: (await import("./pages/overview.tsx")).Overview }));
const SignIn = lazy(async () => ({ default: (await import("./pages/sign-in.tsx")).SignIn }));
const Stock = lazy(async () => ({ default: (await import("./pages/stock.tsx")).Stock }));
const StoreDesk = lazy(async () => ({
  default: (await import("./pages/store-desk.tsx")).StoreDesk,
}));
const Reservations = lazy(async () => ({
  default: (await import("./pages/reservations.tsx")).Reservations,
}));
const Products = lazy(async () => ({ default: (await import("./pages/products.tsx")).Products }));
const Stores = lazy(async () => ({ default: (await import("./pages/stores.tsx")).Stores }));
const Events = lazy(async () => ({ default: (await import("./pages/events.tsx")).Events }));
const Import = lazy(async () => ({ default: (await import("./pages/import.tsx")).Import }));
const Webhooks = lazy(async () => ({ default: (await import("./pages/webhooks.tsx")).Webhooks }));
const Administration = lazy(async () => ({
  default: (await import("./pages/administration.tsx")).Administration,
}));

export interface PageEntry {
  readonly path: string;
  readonly name: keyof typeof shellWords.en;
  /** What a role must be allowed, for the page to be offered. */
  readonly scope: string;
  readonly page: ComponentType;
}

export const pages: readonly PageEntry[] = [
  { path: "/", name: "overview", scope: "stock:read", page: Overview },
  { path: "/stock", name: "stock", scope: "stock:read", page: Stock },
  { path: "/store", name: "store", scope: "stock:read", page: StoreDesk },
  { path: "/reservations", name: "reservations", scope: "reservation:read", page: Reservations },
  { path: "/products", name: "products", scope: "public:read", page: Products },
  { path: "/stores", name: "stores", scope: "catalog:read", page: Stores },
  { path: "/import", name: "import", scope: "stock:write", page: Import },
  { path: "/events", name: "events", scope: "events:read", page: Events },
  { path: "/webhooks", name: "webhooks", scope: "webhooks:admin", page: Webhooks },
  { path: "/administration", name: "administration", scope: "keys:admin", page: Administration },
];

export function App() {
  const { data: session, error, refetch } = useSessionQuery();
  const say = useWords(shellWords);
  if (error !== null) {
    return (
      <Center mih="100vh">
        <Stack align="center">
          <Text>{say("unreachable")}</Text>
          <Button onClick={() => void refetch()}>{say("retry")}</Button>
        </Stack>
      </Center>
    );
  }
  if (session === undefined) return <Waiting />;
  return (
    <Router hook={useAddress}>
      <PageBoundary>
        <Suspense fallback={<Waiting />}>
          {session === null ? (
            <SignIn />
          ) : (
            <SignedIn session={session}>
              <Live />
              <Pages />
            </SignedIn>
          )}
        </Suspense>
      </PageBoundary>
    </Router>
  );
}

let hasStarted = false;

/** Follows the log as long as somebody is signed in. */
function Live() {
  const state = useLiveState();
  const isAllowed = useMay()("events:read");
  useEffect(() => {
    if (hasStarted || !isAllowed) return;
    hasStarted = true;
    startRows();
    startQueries();
    startLive();
  }, [isAllowed]);
  useEffect(() => {
    // What was read before the first event could be heard, or while the connection was away, may be old.
    if (state !== "open") return;
    void queries.invalidateQueries();
    void setByService();
  }, [state]);
  return null;
}

function Pages() {
  const may = useMay();
  const open = pages.filter(({ scope }) => may(scope));
  return (
    <Shell pages={open}>
      <Switch>
        {open.map(({ path, page: Page }) => (
          <Route key={path} path={path === "/" ? path : `${path}/*?`}>
            <PageBoundary key={path}>
              <Suspense fallback={<Waiting />}>
                <Page />
              </Suspense>
            </PageBoundary>
          </Route>
        ))}
        <Route path="/">
          <Redirect to={open[0]?.path ?? "/products"} />
        </Route>
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Shell>
  );
}

function NotFound() {
  const say = useWords(shellWords);
  return (
    <Stack>
      <Text>{say("notFound")}</Text>
      <Link href="/">{say("toOverview")}</Link>
    </Stack>
  );
}

function Waiting() {
  const say = useWords(shellWords);
  return (
    <Center mih="50vh">
      <Loader aria-label={say("loading")} role="status" />
    </Center>
  );
}
