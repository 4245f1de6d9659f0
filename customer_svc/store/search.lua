-- The customers among the next ones by name in whose texts some words stand.
-- KEYS: the hash of namespaces, the names in order, the customers.
-- ARGV: the position's field, where to begin (as for ZRANGEBYLEX), how many customers to look at; then each word, and the
-- same as it stands in JSON: few rows have them anywhere, and only those are decoded.
-- Returns the last name that was looked at, empty at the end, and the names that were found; nothing where there is no such
-- namespace.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
    return nil
end
local names = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], '+', 'LIMIT', 0, ARGV[3])
if #names == 0 or #ARGV == 3 then
    return {names[#names] or '', names}
end

-- Whether all words stand in a text: as they are from ARGV[4] on, as in JSON from ARGV[5] on.
local function has_all(text, first)
    for number = first, #ARGV, 2 do
        if not string.find(text, ARGV[number], 1, true) then
            return false
        end
    end
    return true
end

local found = {}
for number, row in ipairs(redis.call('HMGET', KEYS[3], unpack(names))) do
    if row and has_all(row, 5) and has_all(cjson.decode(row).search, 4) then
        found[#found + 1] = names[number]
    end
end
return {names[#names], found}
