-- Documents that may still be answered, each with how long.
--
-- KEYS[1] the mark of all documents    KEYS[2…] the documents
-- Answers two values for each: its text, or nil, and the milliseconds that it has left. A document is its
-- seq, a line break and the rest; a key with a seq alone is the mark of an event and no document.

local all = tonumber(redis.call('GET', KEYS[1]) or '0')
local found = {}
for index = 2, #KEYS do
  local text = redis.call('GET', KEYS[index])
  local seq = text and tonumber(string.match(text, '^(%d+)\n') or '-1')
  local counts = seq and seq >= all
  found[#found + 1] = counts and text
  found[#found + 1] = counts and redis.call('PTTL', KEYS[index]) or 0
end
return found
