// Prices: exact cents inside, a number with two decimals outside. Money is not a float, but JSON has
// nothing else; so what comes in must be a whole number of cents.

/** null: the number has more than two decimals. */
export function centsOf(price: number): number | null {
  const cents = Math.round(price * 100);
  return Math.abs(price * 100 - cents) > 1e-5 ? null : cents;
}

export function priceOf(cents: number): number {
  return cents / 100;
}
