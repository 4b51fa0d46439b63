-- Keeps a document, unless something newer is known of it: another document, the mark of an event about its
-- product, or the mark of one that concerns all. However late it comes, it replaces nothing that is newer.
--
-- KEYS[1] the mark of all documents    KEYS[2] the document
-- ARGV[1] the seq that it was read at    ARGV[2] its text, which begins with that    ARGV[3] for how many ms
-- Answers 1 where it is kept, else 0.

local seq = tonumber(ARGV[1])
local all = tonumber(redis.call('GET', KEYS[1]) or '0')
local there = tonumber(string.match(redis.call('GETRANGE', KEYS[2], 0, 16), '^%d+') or '0')
if seq < all or seq < there then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
