-- Whether `stock.low` was told of a row, and the row has not been clear of its point since (domain/thresholds.ts).
-- An instance of the version before does not name it, and goes on.
ALTER TABLE stock ADD COLUMN low_told INTEGER NOT NULL DEFAULT 0 CHECK (low_told IN (0, 1));
-- Until now it was told whenever a row came down to its point: all that are there have been.
UPDATE stock SET low_told = 1 WHERE reorder_point IS NOT NULL AND quantity - reserved <= reorder_point;
