-- Appends a run of events of the log to its streams, each once and in order, whoever calls it how often.
-- Redis runs a script alone, so nobody sees half of a run; only a stream that takes no more ends it early.
-- (entry.lua stands before this.)
--
-- KEYS[1]  hash: log_id, epoch, seq (of the last event that is in the streams)
-- KEYS[2]  the stream with every event; KEYS[3…] one for each type in this run
-- ARGV[1]  log id    ARGV[2] epoch    ARGV[3] oldest millisecond to keep
-- ARGV[4]  what stands before a type in the name of its stream
-- ARGV[5…] the events
-- Answers {'ok', seq}; {'foreign', log id, epoch, seq}; {'blocked', key, message, seq}.

local state = redis.call('HMGET', KEYS[1], 'log_id', 'epoch', 'seq')
local last = tonumber(state[3] or '0')
if state[1] and (state[1] ~= ARGV[1] or state[2] ~= ARGV[2]) then
  return {'foreign', state[1], state[2], last}
end

local first = last
local streams = {}
for index = 3, #KEYS do streams[string.sub(KEYS[index], #ARGV[4] + 1)] = KEYS[index] end

local function remember()
  if last > first then
    redis.call('HSET', KEYS[1], 'log_id', ARGV[1], 'epoch', ARGV[2], 'seq', string.format('%.0f', last))
  end
end

for at = 5, #ARGV, width do
  local seq = tonumber(ARGV[at])
  -- A gap: nothing of it is added, and the answer says where to go on.
  if seq > last + 1 then break end
  if seq == last + 1 then
    -- A run that was cut off (no memory left for its second stream) is met again here.
    for _, key in ipairs({KEYS[2], streams[ARGV[at + 2]]}) do
      local trouble = add(key, at)
      if trouble then
        remember()
        return {'blocked', key, trouble, last}
      end
    end
    last = seq
  end
end

remember()
for index = 2, #KEYS do
  redis.call('XTRIM', KEYS[index], 'MINID', '~', ARGV[3])
end
return {'ok', last}
