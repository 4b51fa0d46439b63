// One product of the grid: a cell for each store that is in sight. Its name stands apart, in a column that stays where it
// is: one layer that the browser holds in place instead of one for each row.
//
// biome-ignore-all lint/a11y/useSemanticElements: a table cannot show a part of its rows.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names the active cell.

import type { Product } from "@onhand/client";
import type { VirtualItem } from "@tanstack/react-virtual";
import { memo } from "react";
import { rowKey } from "../rows.ts";
import { Cell, type CellWords } from "./cell.tsx";

export const cellId = (productId: string, storeId: string): string =>
  `stock-${rowKey(productId, storeId)}`;

interface RowNameProps {
  readonly product: Product;
  readonly top: number;
}

/** To be seen; heard is the name in the row. */
export const RowName = memo(function RowName({ product, top }: RowNameProps) {
  return (
    <div className="stock-first" style={{ top }}>
      <span title={product.name}>{product.name}</span>
      <span className="stock-sku">{product.sku}</span>
    </div>
  );
});

export interface GridRowProps {
  readonly product: Product;
  readonly index: number;
  readonly start: number;
  readonly width: number;
  readonly storeIds: readonly string[];
  /** The same list as long as the same columns are in sight. */
  readonly columns: readonly VirtualItem[];
  /** The column of the active cell, where it is in this row; -1: it is not. */
  readonly activeColumn: number;
  readonly low: ReadonlySet<string>;
  readonly words: CellWords;
}

export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { product, index, start, width, storeIds, columns, activeColumn, low, words } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className="stock-row"
      data-row={index}
      style={{ transform: `translateY(${start}px)`, width }}
    >
      <div role="rowheader" aria-colindex={1} className="stock-said">
        {product.name} {product.sku}
      </div>
      {columns.map(({ index: column, start: left, size }) => {
        const storeId = storeIds[column];
        if (storeId === undefined) return null;
        return (
          <Cell
            key={storeId}
            id={cellId(product.id, storeId)}
            productId={product.id}
            storeId={storeId}
            column={column}
            left={left}
            width={size}
            isActive={column === activeColumn}
            isLow={low.has(rowKey(product.id, storeId))}
            words={words}
          />
        );
      })}
    </div>
  );
});
