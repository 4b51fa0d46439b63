import { useQuery } from "@tanstack/react-query";
import { client } from "../client.ts";

/** Totals of the stores that the person sees; read again after events. */
export function useSummary() {
  return useQuery({ queryKey: ["summary"], queryFn: () => client.stock.summary() });
}
