// The quantity of a row over time, as its last changes left it: steps, for between two changes nothing moves.

import { Text, useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import type { OnhandEvent } from "@onhand/client";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import Plot from "uplot";
import "uplot/dist/uPlot.min.css";
import { client } from "../client.ts";
import { formatNumber, formatTime, language, useWords } from "../i18n.ts";
import { Refusal } from "../parts/refusal.tsx";
import type { RowPlace } from "./address.ts";
import { rowWords } from "./row-words.ts";

/** As many as one page of the service holds. */
const changesMax = 500;
const height = 200;

type Points = [times: number[], quantity: number[], available: number[]];

export function RowChart({ place: { productId, storeId } }: { readonly place: RowPlace }) {
  const say = useWords(rowWords);
  const { data, error } = useQuery({
    queryKey: ["row-history", productId, storeId, "chart"],
    queryFn: () => client.stock.history(productId, storeId, { limit: changesMax }).page(),
  });
  const points = useMemo(() => pointsOf(data?.items ?? []), [data]);
  if (error !== null) return <Refusal error={error} />;
  const [times, quantity] = points;
  if (data !== undefined && times.length === 0) return <Text c="dimmed">{say("noHistory")}</Text>;
  const text = say("chartText", {
    from: quantity[0] ?? 0,
    to: quantity.at(-2) ?? quantity.at(-1) ?? 0,
  });
  return <Lines points={points} text={text} />;
}

/** Oldest first, and now at the end. */
function pointsOf(newestFirst: readonly OnhandEvent[]): Points {
  const points: Points = [[], [], []];
  for (const event of newestFirst.toReversed()) {
    if (!("stock" in event.payload)) continue;
    const { quantity, reserved } = event.payload.stock.after;
    points[0].push(Date.parse(event.occurred_at) / 1_000);
    points[1].push(quantity);
    points[2].push(quantity - reserved);
  }
  const [quantity, available] = [points[1].at(-1), points[2].at(-1)];
  if (quantity !== undefined && available !== undefined) {
    points[0].push(Math.max(Date.now() / 1_000, points[0].at(-1) ?? 0));
    points[1].push(quantity);
    points[2].push(available);
  }
  return points;
}

function Lines({ points, text }: { readonly points: Points; readonly text: string }) {
  const say = useWords(rowWords);
  const scheme = useComputedColorScheme();
  const { ref: frame, width } = useElementSize();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const names = { when: say("when"), quantity: say("quantity"), available: say("available") };
  const spoken = language();

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew for other colours or words; data and size follow below.
  useEffect(() => {
    if (box.current === null || width === 0) return;
    const made = new Plot(optionsOf(names, width, scheme === "dark"), points, box.current);
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [scheme, spoken, width > 0]);
  useEffect(() => {
    plot.current?.setData(points);
  }, [points]);
  useEffect(() => {
    if (width > 0) plot.current?.setSize({ width, height });
  }, [width]);

  return (
    <div ref={frame} role="img" aria-label={text} style={{ minHeight: height }}>
      <div ref={box} aria-hidden />
    </div>
  );
}

type Names = Readonly<Record<"when" | "quantity" | "available", string>>;

function optionsOf(names: Names, width: number, isDark: boolean): Plot.Options {
  const ink = isDark ? "#c9c9c9" : "#424242";
  const grid = { stroke: isDark ? "#424242" : "#e0e0e0", width: 1 };
  const axis = { stroke: ink, grid, ticks: grid };
  const steps = Plot.paths.stepped?.({ align: 1 });
  const line = { points: { show: false }, ...(steps === undefined ? {} : { paths: steps }) };
  const shown = (_plot: Plot, value: number | null) => (value === null ? "" : formatNumber(value));
  return {
    width,
    height,
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      { ...axis, space: 90, values: (_plot, splits) => splits.map(timesOn(splits)) },
      {
        ...axis,
        size: 56,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6, 1e7, 1e8],
        values: (_plot, splits) => splits.map((value) => formatNumber(value)),
      },
    ],
    series: [
      {
        label: names.when,
        value: (_plot, at) => (at === null ? "" : formatTime(new Date(at * 1_000).toISOString())),
      },
      {
        ...line,
        label: names.quantity,
        stroke: isDark ? "#3bbccd" : "#0b7285",
        width: 2,
        value: shown,
      },
      {
        ...line,
        label: names.available,
        stroke: isDark ? "#ffa94d" : "#b35900",
        width: 2,
        dash: [6, 4],
        value: shown,
      },
    ],
  };
}

/** Days where the axis spans days, else the time of day. */
function timesOn(splits: readonly number[]): (at: number) => string {
  const daySeconds = 86_400;
  const span = (splits.at(-1) ?? 0) - (splits[0] ?? 0);
  const isDays = span > 2 * daySeconds;
  const format = new Intl.DateTimeFormat(
    language(),
    isDays
      ? { day: "numeric", month: "short" }
      : { hour: "2-digit", minute: "2-digit", hour12: false },
  );
  return (at) => format.format(new Date(at * 1_000));
}
