-- Appends events to a stream of its own, each once, whoever calls it how often. (entry.lua stands before this.)
--
-- KEYS[1] the stream    ARGV[1…] the events
-- Answers {'ok', how many are new}; {'blocked', message, id of the last entry that the stream has had}.

-- Also of one that its consumer has emptied: Redis takes nothing before it. '': it is no stream.
local function lastIdOf(key)
  local facts = redis.pcall('XINFO', 'STREAM', key)
  for at = 1, #facts, 2 do
    if facts[at] == 'last-generated-id' then return facts[at + 1] end
  end
  return ''
end

local fresh = 0
for at = 1, #ARGV, width do
  local trouble, isNew = add(KEYS[1], at)
  if trouble then
    return {'blocked', trouble, lastIdOf(KEYS[1])}
  end
  if isNew then fresh = fresh + 1 end
end
return {'ok', fresh}
