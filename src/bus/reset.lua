-- Tells the readers of all streams that the log was put back to an older state, and lets the relay go on behind that.
-- Redis runs a script alone: either every stream has the entry and the new epoch counts, or nothing has changed.
--
-- KEYS[1]  hash: log_id, epoch, seq    KEYS[2…] the streams, those that are not there too
-- ARGV[1]  log id    ARGV[2] epoch    ARGV[3] seq of the log's head
-- ARGV[4]  milliseconds: no event after the head has an earlier time
-- ARGV[5…] names and values of the entry's fields
-- Answers {'ok', how many streams}; {'same', seq}; {'none'}; {'foreign', log id, epoch, seq};
-- {'ahead', key, milliseconds}; {'blocked', key}.

local state = redis.call('HMGET', KEYS[1], 'log_id', 'epoch', 'seq')
if not state[1] then return {'none'} end
if state[1] ~= ARGV[1] or tonumber(state[2]) > tonumber(ARGV[2]) then
  return {'foreign', state[1], state[2], state[3]}
end
if state[2] == ARGV[2] then return {'same', state[3]} end

-- Looked at before anything is changed.
local found = {}
for index = 2, #KEYS do
  local kind = redis.call('TYPE', KEYS[index]).ok
  if kind == 'stream' then
    local facts = redis.call('XINFO', 'STREAM', KEYS[index])
    for at = 1, #facts, 2 do
      if facts[at] == 'last-generated-id' then
        local ms, n = string.match(facts[at + 1], '^(%d+)-(%d+)$')
        if tonumber(ms) >= tonumber(ARGV[4]) then return {'ahead', KEYS[index], ms} end
        -- Behind the last entry, and before the next event, whose millisecond is a later one.
        table.insert(found, {KEYS[index], ms .. '-' .. string.format('%.0f', tonumber(n) + 1)})
      end
    end
  elseif kind ~= 'none' then
    return {'blocked', KEYS[index]}
  end
end

for _, one in ipairs(found) do redis.call('XADD', one[1], one[2], unpack(ARGV, 5)) end
redis.call('HSET', KEYS[1], 'log_id', ARGV[1], 'epoch', ARGV[2], 'seq', ARGV[3])
return {'ok', #found}
