// Days as a date field has them, in the browser's own time zone.

/** 2026-03-01 */
export function today(now = new Date()): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The last second of that day. */
export function endOfDay(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString();
}
