-- A session, and the customer it belongs to.
-- KEYS: the hash of namespaces, the customers, the session.
-- ARGV: the position's field.
-- Returns both as they stand, each nil where there is none; nothing where there is no such namespace.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
    return nil
end
local session = redis.call('GET', KEYS[3])
return {session, session and redis.call('HGET', KEYS[2], cjson.decode(session).customer_key)}
