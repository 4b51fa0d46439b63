export function StoreDesk() {
  return null;
}
