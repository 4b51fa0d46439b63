-- The span of the request that caused an event, as W3C Trace Context writes it; NULL where it was not traced.
ALTER TABLE events ADD COLUMN traceparent TEXT;
