-- Some entries of a table, and the position at which they are so.
-- KEYS: the hash of namespaces, the table. ARGV: the position's field, the cursor, how many entries about.
-- Returns the position, the next cursor, and the entries, each followed by its value or score; nothing where there is no
-- such namespace.
local position = redis.call('HGET', KEYS[1], ARGV[1])
if not position then
    return nil
end
local scan = redis.call('TYPE', KEYS[2]).ok == 'zset' and 'ZSCAN' or 'HSCAN'
local page = redis.call(scan, KEYS[2], ARGV[2], 'COUNT', ARGV[3])
return {position, page[1], page[2]}
