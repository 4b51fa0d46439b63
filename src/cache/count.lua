-- Counts one request in a window that begins with its first.
--
-- KEYS[1] who, and of what    ARGV[1] the window in ms
-- Answers how many there are in it, and the milliseconds that it has left.

local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}
