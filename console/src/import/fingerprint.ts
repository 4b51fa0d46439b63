// What a file is known by in this browser: a number of its bytes and their count, read piece by piece. It is to tell one
// file from another and guards no secret, so it is none of the browser's own digests, which plain http has not.

const pieceBytes = 1024 * 1024;

/** cyrb53: 53 bits. */
export async function fingerprintOf(file: Blob): Promise<string> {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < file.size; at += pieceBytes) {
    for (const byte of new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer())) {
      one = Math.imul(one ^ byte, 2_654_435_761);
      two = Math.imul(two ^ byte, 1_597_334_677);
    }
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(two ^ (two >>> 13), 3_266_489_909);
  two = Math.imul(two ^ (two >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909);
  const number = 4_294_967_296 * (2_097_151 & two) + (one >>> 0);
  return `${number.toString(36)}-${file.size.toString(36)}`;
}
