-- The lease of the one instance that copies the log: taken, prolonged or given back, and never another's.
--
-- KEYS[1] the lease    ARGV[1] who asks    ARGV[2] for how many ms; 0: no longer
-- Answers 0 where it is done, else after how many ms the other's lease is over.

-- There is no such key. A replica answers reads as if all were well, and refuses this: so whoever only looks learns it too.
redis.call('DEL', KEYS[1] .. ':none')
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return math.max(1, redis.call('PTTL', KEYS[1]))
end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 0
