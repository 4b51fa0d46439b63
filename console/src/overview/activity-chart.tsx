// The drawing of the chart; in a file of its own, because its library is loaded only here.

import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useEffectEvent, useRef } from "react";
import uPlot from "uplot";
import { formatClock, formatNumber } from "../i18n.ts";
import { type Step, spanMs } from "./activity.ts";

interface Props {
  readonly steps: readonly Step[];
  readonly now: number;
  readonly height: number;
}

export function ActivityChart({ steps, now, height }: Props) {
  const scheme = useComputedColorScheme();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);

  const draw = useEffectEvent(() => {
    chart.current?.batch(() => {
      chart.current?.setData(columnsOf(steps), false);
      // The span stays the same also where less is known.
      chart.current?.setScale("x", { min: (now - spanMs) / 1_000, max: now / 1_000 });
    });
  });

  // Anew when the colours change: they are part of what is drawn.
  // biome-ignore lint/correctness/useExhaustiveDependencies: of the scheme only that it has changed counts.
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = new uPlot(
      { width: element.clientWidth, height, ...looksOf(element) },
      [[], [], []],
      element,
    );
    chart.current = made;
    draw();
    const sizes = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height });
    });
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [scheme, height]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: every tick and every change is drawn.
  useEffect(() => draw(), [steps, now]);

  return <div ref={place} style={{ height, overflow: "hidden" }} />;
}

function columnsOf(steps: readonly Step[]): uPlot.AlignedData {
  return [
    steps.map(({ at }) => at / 1_000),
    steps.map(({ reservations }) => reservations),
    steps.map(({ changes }) => changes),
  ];
}

function looksOf(element: HTMLElement): Omit<uPlot.Options, "width" | "height"> {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const text = colour("--mantine-color-dimmed");
  const lines = { stroke: colour("--onhand-grid"), width: 1 };
  const font = `12px ${style.fontFamily}`;
  const axis = { stroke: text, font, grid: lines, ticks: lines } as const;
  const paths = uPlot.paths.stepped?.({ align: 1 });
  const series = { points: { show: false }, ...(paths === undefined ? {} : { paths }) };
  return {
    // It is told in words beside it, in the language of the page.
    legend: { show: false },
    cursor: { show: false },
    scales: {
      y: { range: (_chart, _low, high) => [0, Math.max(4, Math.ceil((high ?? 0) * 1.1))] },
    },
    axes: [
      {
        ...axis,
        space: 80,
        values: (_chart, ticks) => ticks.map((tick) => formatClock(tick * 1_000)),
        incrs: [60, 120, 180, 300],
      },
      {
        ...axis,
        size: 48,
        // Nothing happens half.
        values: (_chart, ticks) =>
          ticks.map((tick) => (Number.isInteger(tick) ? formatNumber(tick) : "")),
      },
    ],
    series: [
      {},
      {
        ...series,
        stroke: colour("--onhand-reservations"),
        fill: `${colour("--onhand-reservations")}22`,
        width: 2,
      },
      { ...series, stroke: colour("--onhand-changes"), width: 2, dash: [6, 4] },
    ],
  };
}
