import { useProductName } from "../product-names.ts";

export function ProductName({ id }: { readonly id: string }) {
  return <>{useProductName(id)}</>;
}
