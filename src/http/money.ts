// Prices: exact cents inside, a number with two decimals outside. Money is not a float, but JSON has
// nothing else; so what comes in must be a whole number of cents.

/** What sums of prices in doubles may be off, of the whole: 0.1 + 0.2 is a price, 0.0000001 is none. */
const noise = 8 * Number.EPSILON;

/** null: the number has more than two decimals. */
export function centsOf(price: number): number | null {
  const cents = Math.round(price * 100);
  return Math.abs(price * 100 - cents) <= cents * noise ? cents : null;
}

export function priceOf(cents: number): number {
  return cents / 100;
}
