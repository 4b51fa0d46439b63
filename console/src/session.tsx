// Who is signed in, and what that role may do. The secret goes to the service once and comes back as a cookie that no
// script can read; nothing of it is kept here. Other tabs hear of a sign-in or sign-out and begin anew.

import { isOnhandError, type Session } from "@onhand/client";
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use } from "react";
import { client } from "./client.ts";

const Current = createContext<Session | null>(null);

const tabs = new BroadcastChannel("onhand-session");
tabs.onmessage = () => location.reload();

/** null: nobody is signed in. */
export function useSessionQuery() {
  return useQuery({
    queryKey: ["session"],
    async queryFn(): Promise<Session | null> {
      try {
        return await client.session.get();
      } catch (error) {
        if (isOnhandError(error, "unauthenticated")) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function SignedIn({
  session,
  children,
}: {
  readonly session: Session;
  readonly children: ReactNode;
}) {
  return <Current value={session}>{children}</Current>;
}

export function useIsSignedIn(): boolean {
  return use(Current) !== null;
}

export function useSession(): Session {
  const session = use(Current);
  if (session === null) throw new Error("this page is for those who have signed in");
  return session;
}

/** Whether this role may do that, as the service names it ("stock:write"), and in that store. */
export function useMay(): (scope: string, storeId?: string) => boolean {
  const { scopes, stores } = useSession();
  return (scope, storeId) =>
    scopes.includes(scope) && (storeId === undefined || stores === "*" || stores.includes(storeId));
}

export async function signIn(secret: string): Promise<void> {
  const isKey = secret.startsWith("ohk_");
  await client.session.start(isKey ? { key: secret } : { token: secret });
  begin();
}

export async function signOut(): Promise<void> {
  await client.session.end();
  begin();
}

/** Anew: what another person has read is not kept in memory. */
function begin(): void {
  tabs.postMessage("changed");
  location.reload();
}
