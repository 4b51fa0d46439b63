// What a key or a token lets its holder do, as it is written on the command line: --role and --stores.
// Refused here by name, because the service would only refuse the finished token without a word on why.

import type { Role, StoreScope } from "../store/store.ts";
import { UsageError } from "./command.ts";

const roles: readonly Role[] = ["customer", "channel", "vendor", "manager", "admin"];

export function roleOf(text: string | undefined): Role {
  const role = roles.find((one) => one === text);
  if (role === undefined) throw new UsageError(`--role is one of ${roles.join(", ")}`);
  return role;
}

export function storesOf(text: string, role: Role): StoreScope {
  if (text === "*") return "*";
  if (role === "admin") throw new UsageError('--stores is "*" for the role admin');
  const ids = text.split(",").map((id) => id.trim());
  if (ids.some((id) => !/^[A-Za-z0-9][\w.:-]{0,63}$/.test(id))) {
    throw new UsageError('--stores is "*" or store ids separated by commas');
  }
  return ids;
}

/** As the API has it: who works in stores is told which. */
export function storesFor(text: string | undefined, role: Role): StoreScope {
  if (text !== undefined) return storesOf(text, role);
  if (role === "admin" || role === "customer") return "*";
  throw new UsageError(`--stores is needed for the role ${role}: ids by commas, or "*"`);
}

/** A hundred years. */
const daysMax = 36_500;

/** null: without an end. */
export function daysOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const days = Number(text);
  if (Number.isInteger(days) && days > 0 && days <= daysMax) return days;
  throw new UsageError(`--days is a whole number from 1 to ${daysMax}`);
}
