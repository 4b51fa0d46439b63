export function Reservations() {
  return null;
}
