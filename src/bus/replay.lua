-- Appends events to a stream of its own, each once, whoever calls it how often. (entry.lua stands before this.)
--
-- KEYS[1] the stream    ARGV[1…] the events
-- Answers {'ok', how many are new}; {'blocked', message, id of the stream's last entry}.

local fresh = 0
for at = 1, #ARGV, width do
  local trouble, isNew = add(KEYS[1], at)
  if trouble then
    local last = redis.pcall('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
    return {'blocked', trouble, last[1] and last[1][1] or ''}
  end
  if isNew then fresh = fresh + 1 end
end
return {'ok', fresh}
