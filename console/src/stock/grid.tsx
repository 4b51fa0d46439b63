// Products × stores, drawn as far as it is in sight. The grid has the focus and names the active cell
// (aria-activedescendant), so that a cell that scrolls out of sight does not take the focus with it.
//
// biome-ignore-all lint/a11y/useSemanticElements: a table cannot show a part of its rows.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names the active cell.

import { useElementSize, useMergedRef } from "@mantine/hooks";
import type { Product, Store } from "@onhand/client";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from "react";
import { language, useWords } from "../i18n.ts";
import type { RowPlace } from "./address.ts";
import type { CellWords } from "./cell.tsx";
import { cellId, GridRow, RowName } from "./grid-row.tsx";
import { moved, type Place } from "./keys.ts";
import { stockWords } from "./words.ts";
import "./grid.css";

const rowHeight = 48;

export interface GridProps {
  readonly products: readonly Product[];
  readonly stores: readonly Store[];
  readonly low: ReadonlySet<string>;
  readonly isWhole: boolean;
  readonly isReading: boolean;
  readonly readMore: () => void;
  readonly open: (place: RowPlace) => void;
}

export function Grid({ products, stores, low, isWhole, isReading, readMore, open }: GridProps) {
  const say = useWords(stockWords);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same for all cells, until the language changes.
  const words = useMemo<CellWords>(
    () => ({
      cellNone: say("cellNone"),
      available: say("available"),
      onHand: say("onHand"),
      held: say("held"),
      low: say("low"),
      up: say("up"),
      down: say("down"),
    }),
    [language()],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: sized, width } = useElementSize();
  const [active, setActive] = useState<Place>({ row: 0, column: 0 });
  const firstWidth = width < 700 ? 168 : 260;
  const columnWidth = columnWidthOf(width - firstWidth, stores.length);
  const storeIds = useMemo(() => stores.map(({ id }) => id), [stores]);

  const rows = useVirtualizer({
    count: products.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    paddingStart: rowHeight,
    scrollPaddingStart: rowHeight,
    overscan: 8,
    rangeExtractor: (range) => withActive(range, active.row),
    useFlushSync: false,
  });
  const columns = useVirtualizer({
    horizontal: true,
    count: stores.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => columnWidth,
    paddingStart: firstWidth,
    scrollPaddingStart: firstWidth,
    overscan: 2,
    rangeExtractor: (range) => withActive(range, active.column),
    useFlushSync: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are kept by the virtualizer until it is told.
  useEffect(() => columns.measure(), [columnWidth, firstWidth]);

  const shownRows = rows.getVirtualItems();
  const shownColumns = columns.getVirtualItems();
  const lastShown = rows.range?.endIndex ?? 0;
  const isNearEnd = !isWhole && lastShown >= products.length - 40;
  useEffect(() => {
    if (isNearEnd && !isReading) readMore();
  }, [isNearEnd, isReading, readMore]);

  function place({ row, column }: Place): RowPlace | null {
    const [product, store] = [products[row], stores[column]];
    return product && store ? { productId: product.id, storeId: store.id } : null;
  }

  function press(event: KeyboardEvent): void {
    if (event.key === "Enter" || event.key === " ") {
      const at = place(active);
      if (at === null) return;
      event.preventDefault();
      open(at);
      return;
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const bounds = { rows: products.length, columns: stores.length, page };
    const to = moved(active, event, bounds);
    if (to === null) return;
    event.preventDefault();
    setActive(to);
    if (to.row !== active.row) rows.scrollToIndex(to.row);
    if (to.column !== active.column) columns.scrollToIndex(to.column);
  }

  function click({ target }: MouseEvent): void {
    const cell = (target as Element).closest<HTMLElement>("[data-column]");
    const row = cell?.closest<HTMLElement>("[data-row]");
    if (!cell || !row) return;
    const at = { row: Number(row.dataset["row"]), column: Number(cell.dataset["column"]) };
    setActive(at);
    const opened = place(at);
    if (opened !== null) open(opened);
  }

  const activePlace = place(active);
  const sheet = { width: columns.getTotalSize(), height: rows.getTotalSize() };
  return (
    <div
      ref={useMergedRef(scroller, sized)}
      role="grid"
      tabIndex={0}
      aria-label={say("grid")}
      aria-rowcount={isWhole ? products.length + 1 : -1}
      aria-colcount={stores.length + 1}
      aria-busy={isReading}
      aria-readonly
      {...(activePlace === null
        ? {}
        : { "aria-activedescendant": cellId(activePlace.productId, activePlace.storeId) })}
      className="stock-grid"
      style={{ flexBasis: sheet.height + 18 }}
      onKeyDown={press}
      onClick={click}
    >
      <div role="presentation" className="stock-sheet" style={sheet}>
        <div role="row" aria-rowindex={1} className="stock-head">
          <div
            role="columnheader"
            aria-colindex={1}
            className="stock-first"
            style={{ width: firstWidth }}
          >
            {say("product")}
          </div>
          {shownColumns.map(({ index, start, size }) => (
            <div
              key={stores[index]?.id}
              role="columnheader"
              aria-colindex={index + 2}
              className="stock-store"
              style={{ left: start, width: size }}
            >
              <span title={stores[index]?.id}>{stores[index]?.name}</span>
            </div>
          ))}
        </div>
        <div
          aria-hidden
          className="stock-names"
          style={{ width: firstWidth, height: sheet.height - rowHeight }}
        >
          {shownRows.map(({ index, start }) => {
            const product = products[index];
            return product === undefined ? null : (
              <RowName key={product.id} product={product} top={start - rowHeight} />
            );
          })}
        </div>
        {shownRows.map(({ index, start }) => {
          const product = products[index];
          if (product === undefined) return null;
          return (
            <GridRow
              key={product.id}
              product={product}
              index={index}
              start={start}
              width={sheet.width}
              storeIds={storeIds}
              columns={shownColumns}
              activeColumn={index === active.row ? active.column : -1}
              low={low}
              words={words}
            />
          );
        })}
      </div>
    </div>
  );
}

/** As wide as there is place for, within what can be read and what can still be seen as a row. */
function columnWidthOf(place: number, count: number): number {
  return Math.max(116, Math.min(200, Math.floor((place - 18) / Math.max(1, count))));
}

/** The active cell is always there: the grid names it. */
function withActive(range: Range, active: number): number[] {
  const shown = defaultRangeExtractor(range);
  if (active >= range.count || shown.includes(active)) return shown;
  return [...shown, active].sort((one, other) => one - other);
}
