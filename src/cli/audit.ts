// The audit of a whole database, as commands run it, and how it is told.

import type { After, Finding, Store } from "../store/store.ts";

const rowsAtATime = 1_000;

export interface Audited {
  /** Stock rows that were looked at. */
  readonly rows: number;
  readonly findings: readonly Finding[];
}

export async function auditAll(store: Pick<Store, "auditRows" | "auditLog">): Promise<Audited> {
  const findings: Finding[] = [];
  let rows = 0;
  let after: After = null;
  do {
    const page = await store.auditRows({ after, limit: rowsAtATime, eventsMax: null });
    rows += page.checked;
    findings.push(...page.findings);
    after = page.next;
  } while (after !== null);
  findings.push(...(await store.auditLog()));
  return { rows, findings };
}

export function tellFindings({ findings }: Audited): void {
  for (const { invariant, detail } of findings) {
    process.stdout.write(`${invariant}  ${detail}\n`);
  }
}

export function verdictOf({ findings }: Audited): string {
  return findings.length === 0 ? "all invariants hold" : `${findings.length} findings`;
}
