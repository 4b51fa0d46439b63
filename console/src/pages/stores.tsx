export function Stores() {
  return null;
}
