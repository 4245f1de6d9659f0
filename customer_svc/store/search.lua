-- The customers among the next ones by name in whose texts something stands.
-- KEYS: the hash of namespaces, the names in order, the customers.
-- ARGV: the position's field, where to begin (as for ZRANGEBYLEX), how many customers to look at, what to look for, and the
-- same as it stands in JSON: few rows have it anywhere, and only those are decoded.
-- Returns the last name that was looked at, empty at the end, and the names that were found; nothing where there is no such
-- namespace.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
    return nil
end
local names = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], '+', 'LIMIT', 0, ARGV[3])
if #names == 0 or ARGV[4] == '' then
    return {names[#names] or '', names}
end
local found = {}
for number, row in ipairs(redis.call('HMGET', KEYS[3], unpack(names))) do
    if row and string.find(row, ARGV[5], 1, true) and string.find(cjson.decode(row).search, ARGV[4], 1, true) then
        found[#found + 1] = names[number]
    end
end
return {names[#names], found}
