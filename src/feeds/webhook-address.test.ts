import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isPublicAddress, openLookup, refuseUrl } from "./webhook-address.ts";

const refused = {
  "this machine": ["127.0.0.1", "127.255.0.9", "0.0.0.0", "::1", "::"],
  "private networks": [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "fc00::1",
    "fd12::1",
  ],
  "the link, and the metadata of clouds": ["169.254.169.254", "fe80::1", "fd00:ec2::254"],
  "a carrier's own": ["100.64.0.1", "100.127.255.255"],
  "special use": ["192.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.9", "2001:db8::1", "3fff::1"],
  "many at once": ["224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "ff02::1"],
  "IPv4 within IPv6": [
    ...["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1"],
    ...["2002:7f00:1::", "2001:0:53aa:64c::1", "fec0::1"],
  ],
  "no address": ["", "localhost", "1.2.3", "example.com"],
};

describe("an address is refused", () => {
  for (const [what, addresses] of Object.entries(refused)) {
    test(`of ${what}`, () => {
      for (const address of addresses) assert.equal(isPublicAddress(address), false, address);
    });
  }
});

test("addresses beside the refused ones are public", () => {
  for (const address of [
    ...["8.8.8.8", "9.255.255.255", "11.0.0.0", "172.15.0.1", "172.32.0.1", "100.63.0.1"],
    ...["100.128.0.1", "126.255.255.255", "128.0.0.1", "223.255.255.255", "192.167.0.1"],
    ...["2606:4700::1111", "2a00:1450::1", "2400:cb00::1"],
  ]) {
    assert.equal(isPublicAddress(address), true, address);
  }
});

describe("a URL", () => {
  const of = (url: string): string | null => refuseUrl(url, false);

  test("of a public address or a name is taken", () => {
    for (const url of [
      "https://erp.example/a?b=c",
      "https://8.8.8.8:8443/",
      "https://[2606:4700::1]/",
    ]) {
      assert.equal(of(url), null, url);
    }
  });

  test("of a private address is refused however it is written", () => {
    for (const host of [
      ...["127.0.0.1", "0x7f.1", "2130706433", "017700000001", "127.1", "[::1]", "[::ffff:7f00:1]"],
      ...["①②⑦.0.0.1", "169.254.169.254", "0"],
    ]) {
      assert.match(of(`https://${host}/`) ?? "", /public/, host);
    }
  });

  test("without TLS, with a password, with a fragment or of another kind is refused", () => {
    assert.match(of("http://erp.example/") ?? "", /https/);
    assert.match(of("file:///etc/passwd") ?? "", /https/);
    assert.match(of("https://me:secret@erp.example/") ?? "", /password/);
    assert.match(of("https://erp.example/#a") ?? "", /fragment/);
    assert.match(of("erp.example") ?? "", /URL/);
  });

  test("may be of this machine and plain where development allows it", () => {
    assert.equal(refuseUrl("http://127.0.0.1:3000/", true), null);
    assert.match(refuseUrl("ftp://127.0.0.1/", true) ?? "", /https/);
  });
});

describe("looking a name up", () => {
  const looked = (...found: readonly string[]) => {
    let asked = 0;
    const lookup = openLookup((_name, done) => {
      asked += 1;
      done(
        null,
        found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    });
    const { promise, resolve } = Promise.withResolvers<unknown>();
    lookup("erp.example", { all: false }, (error, address) => resolve(error?.message ?? address));
    return promise.then((answer) => ({ answer, asked }));
  };

  test("gives the connection the address that was looked at, and asks once", async () => {
    assert.deepEqual(await looked("8.8.8.8"), { answer: "8.8.8.8", asked: 1 });
  });

  test("refuses a name that has a private address, also among public ones", async () => {
    for (const found of [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "::ffff:10.0.0.1"]]) {
      assert.match(String((await looked(...found)).answer), /not public/);
    }
  });

  test("refuses a name that has no address", async () => {
    assert.match(String((await looked()).answer), /no address/);
  });
});
