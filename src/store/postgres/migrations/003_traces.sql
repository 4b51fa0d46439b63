-- The span of the request that caused an event, as W3C Trace Context writes it; NULL where it was not traced.
-- An instance of the version before does not name it, and goes on.
ALTER TABLE events ADD COLUMN traceparent text COLLATE "C";
