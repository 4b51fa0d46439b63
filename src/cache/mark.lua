-- Marks documents as changed by an event: what was read before it goes, and does not come back. What was
-- read after it stays.
--
-- KEYS the documents, or the mark of all    ARGV[1] for how many ms    ARGV[2…] the seq of each one's event

for index, key in ipairs(KEYS) do
  local seq = ARGV[index + 1]
  local there = tonumber(string.match(redis.call('GETRANGE', key, 0, 16), '^%d+') or '0')
  if there < tonumber(seq) then redis.call('SET', key, seq, 'PX', ARGV[1]) end
end
return #KEYS
