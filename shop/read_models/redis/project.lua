-- Applies a batch to the tables of a namespace and moves its position: all of it, or nothing where the position is another.
-- KEYS: the hash of namespaces, then the tables.
-- ARGV: the position's field, the position expected, the position reached; then for each write the command, the number of
-- its table, and the command's other two arguments. Values are absolute: a batch that failed for want of memory can be repeated.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
    return 0
end
for at = 4, #ARGV, 4 do
    redis.call(ARGV[at], KEYS[1 + ARGV[at + 1]], ARGV[at + 2], ARGV[at + 3])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
