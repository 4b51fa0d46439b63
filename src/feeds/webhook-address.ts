// Whether events may be sent to an address. Only addresses of the public internet are: what is private, of this
// machine or of this link, shared by a carrier, or kept for special use is refused, and so are the forms of IPv6 that
// carry an IPv4 address within. A name is looked up once and the connection is made to an address that was looked at
// (`openLookup`): a name that answers otherwise the second time (DNS rebinding) is never asked a second time.

import { lookup as lookUp } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

const refused = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  refused.addSubnet(net, prefix, "ipv4");
}
// Of the unicast addresses that are given out: special use, documentation, 6to4.
for (const [net, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  refused.addSubnet(net, prefix, "ipv6");
}
const givenOut = new BlockList();
givenOut.addSubnet("2000::", 3, "ipv6");

export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refused.check(address, "ipv4");
    case 6:
      return givenOut.check(address, "ipv6") && !refused.check(address, "ipv6");
    default:
      return false;
  }
}

export class RefusedAddress extends Error {
  override readonly name = "RefusedAddress";
}

type Resolve = (
  name: string,
  done: (
    error: Error | null,
    found: readonly { readonly address: string; readonly family: number }[],
  ) => void,
) => void;

const resolveAll: Resolve = (name, done) => lookUp(name, { all: true }, done);

/** What a connection looks its name up with. A name of which one address is refused is refused whole. */
export function openLookup(resolve: Resolve = resolveAll): LookupFunction {
  return (name, options, done) => {
    resolve(name, (error, found) => {
      const [first] = found ?? [];
      const wrong = found?.find(({ address }) => !isPublicAddress(address));
      if (error !== null) done(error, "");
      else if (first === undefined) done(new RefusedAddress(`${name} has no address`), "");
      else if (wrong !== undefined) {
        done(new RefusedAddress(`${name} is ${wrong.address}, which is not public`), "");
      } else if (options.all === true) done(null, [...found]);
      else done(null, first.address, first.family);
    });
  };
}

/** Why events may not be sent to a URL, in words that follow its name; null: they may, as far as it shows. */
export function refuseUrl(text: string, allowPrivate: boolean): string | null {
  const url = URL.parse(text);
  if (url === null) return "must be a URL";
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:")) {
    return "must begin with https://";
  }
  if (url.username !== "" || url.password !== "") return "must not have a name or password in it";
  if (url.hash !== "") return "must not have a fragment";
  // The parser has already made 127.0.0.1 of 0x7f.1 and 2130706433.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host))
    return "must be a public address";
  return null;
}
