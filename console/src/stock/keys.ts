// Where a key leads in the grid.

export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Bounds {
  readonly rows: number;
  readonly columns: number;
  /** Rows that are in sight at once. */
  readonly page: number;
}

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** The place after a key; null: this key does not move. */
export function moved(from: Place, pressed: Key, bounds: Bounds): Place | null {
  const to = stepOf(from, pressed, bounds);
  if (to === null) return null;
  return {
    row: Math.max(0, Math.min(bounds.rows - 1, to.row)),
    column: Math.max(0, Math.min(bounds.columns - 1, to.column)),
  };
}

function stepOf(from: Place, { key, ctrlKey, metaKey }: Key, bounds: Bounds): Place | null {
  const isWhole = ctrlKey || metaKey;
  switch (key) {
    case "ArrowUp":
      return { ...from, row: from.row - 1 };
    case "ArrowDown":
      return { ...from, row: from.row + 1 };
    case "ArrowLeft":
      return { ...from, column: from.column - 1 };
    case "ArrowRight":
      return { ...from, column: from.column + 1 };
    case "PageUp":
      return { ...from, row: from.row - bounds.page };
    case "PageDown":
      return { ...from, row: from.row + bounds.page };
    case "Home":
      return { row: isWhole ? 0 : from.row, column: 0 };
    case "End":
      return { row: isWhole ? bounds.rows - 1 : from.row, column: bounds.columns - 1 };
    default:
      return null;
  }
}
