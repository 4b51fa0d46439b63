// One number of the grid: what a store has of a product. It follows its row alone. A change is shown by an arrow and,
// where motion is welcome, by a flash, for a few seconds after it happened, also in a cell that comes into sight later.
//
// Hundreds are made anew while one scrolls, so a cell is plain elements, and its words come from the grid.
//
// biome-ignore-all lint/a11y/useSemanticElements: a table cannot show a part of its rows.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and names the active cell.

import { memo } from "react";
import { formatNumber } from "../i18n.ts";
import { type RowNumbers, useRow } from "../rows.ts";

/** What is said of a cell; put together here without more ado, because it is done so often. */
export type CellWords = Readonly<
  Record<"cellNone" | "available" | "onHand" | "held" | "low" | "up" | "down", string>
>;

/** As long as the animation in grid.css. */
const flashMs = 6_000;

export interface CellProps {
  readonly id: string;
  readonly productId: string;
  readonly storeId: string;
  /** Its column among all. */
  readonly column: number;
  readonly left: number;
  readonly width: number;
  readonly isActive: boolean;
  readonly isLow: boolean;
  /** Another one for another language. */
  readonly words: CellWords;
}

export const Cell = memo(function Cell(props: CellProps) {
  const { id, productId, storeId, column, left, width, isActive, isLow, words } = props;
  const row = useRow(productId, storeId);
  const change = changeOf(row);
  return (
    <div
      id={id}
      role="gridcell"
      aria-colindex={column + 2}
      className="stock-cell numbers"
      data-active={isActive || undefined}
      data-column={column}
      style={{ left, width }}
    >
      <span className="stock-said">{sentence(words, row, isLow, change)}</span>
      {row === undefined ? (
        <span className="stock-none" aria-hidden>
          ·
        </span>
      ) : (
        <Numbers row={row} />
      )}
      {isLow && (
        <span className="stock-low" aria-hidden>
          !
        </span>
      )}
      {change !== null && (
        // A new one for each version: the animation begins anew.
        <span
          key={row?.version}
          className="stock-change"
          aria-hidden
          style={{ animationDelay: change.delay }}
        >
          {change.way === "up" ? "▲" : "▼"}
        </span>
      )}
    </div>
  );
});

function Numbers({ row: { quantity, reserved } }: { readonly row: RowNumbers }) {
  const available = quantity - reserved;
  return (
    <span className={available === 0 ? "stock-zero" : undefined} aria-hidden>
      {formatNumber(available)}
      {reserved > 0 && <span className="stock-of"> / {formatNumber(quantity)}</span>}
    </span>
  );
}

/** For those who hear it. */
function sentence(
  words: CellWords,
  row: RowNumbers | undefined,
  isLow: boolean,
  change: Change | null,
): string {
  if (row === undefined) return words.cellNone;
  const { quantity, reserved } = row;
  const parts = [
    `${formatNumber(quantity - reserved)} ${words.available}`,
    `${formatNumber(quantity)} ${words.onHand}`,
    `${formatNumber(reserved)} ${words.held}`,
  ];
  if (isLow) parts.push(words.low);
  if (change !== null) parts.push(`${words[change.way]} ${formatNumber(change.before)}`);
  return parts.join(", ");
}

interface Change {
  readonly way: "up" | "down";
  readonly before: number;
  /** Where in the animation it is by now. */
  readonly delay: string;
}

/** The change that is still to be shown. */
function changeOf(row: RowNumbers | undefined): Change | null {
  if (row === undefined || row.changedAt === null || row.availableBefore === null) return null;
  const before = row.availableBefore;
  const age = performance.now() - row.changedAt;
  const by = row.quantity - row.reserved - before;
  if (age >= flashMs || by === 0) return null;
  return { way: by > 0 ? "up" : "down", before, delay: `${-Math.round(age)}ms` };
}
