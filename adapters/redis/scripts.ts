// The few decisions Redis must make in one step. `allow-key-locking` lets Upstash lock only the named keys, where it would
// otherwise stop the whole database for each call. Expiry is Redis's own: no script reads a clock.

/** Claims an idempotency key. KEYS: claim, lease. ARGV: fingerprint, lease seconds, keep seconds. */
export const CLAIM = `#!lua flags=allow-key-locking
local fingerprint = redis.call("HGET", KEYS[1], "fingerprint")
if fingerprint then
  if fingerprint ~= ARGV[1] then return {"mismatch"} end
  local answer = redis.call("HGET", KEYS[1], "answer")
  if answer then return {"done", answer} end
  if redis.call("EXISTS", KEYS[2]) == 1 then return {"in_progress"} end
end
redis.call("HSET", KEYS[1], "fingerprint", ARGV[1])
redis.call("EXPIRE", KEYS[1], math.max(tonumber(ARGV[2]), tonumber(ARGV[3])))
redis.call("SET", KEYS[2], "1", "EX", ARGV[2])
return {"claimed"}`;

/** Keeps the first answer of the same request. KEYS: claim, lease. ARGV: fingerprint, answer, keep seconds. */
export const SETTLE = `#!lua flags=allow-key-locking
local fingerprint = redis.call("HGET", KEYS[1], "fingerprint")
if fingerprint and fingerprint ~= ARGV[1] then return 0 end
if redis.call("HEXISTS", KEYS[1], "answer") == 1 then return 0 end
redis.call("HSET", KEYS[1], "fingerprint", ARGV[1], "answer", ARGV[2])
redis.call("EXPIRE", KEYS[1], ARGV[3])
redis.call("DEL", KEYS[2])
return 1`;

/** Forgets an unfinished claim. KEYS: claim, lease. ARGV: fingerprint. */
export const RELEASE = `#!lua flags=allow-key-locking
if redis.call("HGET", KEYS[1], "fingerprint") ~= ARGV[1] then return 0 end
if redis.call("HEXISTS", KEYS[1], "answer") == 1 then return 0 end
return redis.call("DEL", KEYS[1], KEYS[2])`;

/** Ends an id, never for a shorter time than it is ended already. KEYS: the id. ARGV: seconds. */
export const REVOKE = `#!lua flags=allow-key-locking
if redis.call("TTL", KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call("SET", KEYS[1], "1", "EX", ARGV[1])
return 1`;

/** Keeps a copy read at the current generation. KEYS: value, generation. ARGV: generation, value, seconds. */
export const CACHE_PUT = `#!lua flags=allow-key-locking
if (redis.call("GET", KEYS[2]) or "0") ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[2], "EX", ARGV[3])
return 1`;

/** Drops a copy and begins the next generation. KEYS: value, generation. ARGV: seconds to remember the generation. */
export const CACHE_INVALIDATE = `#!lua flags=allow-key-locking
redis.call("DEL", KEYS[1])
redis.call("INCR", KEYS[2])
redis.call("EXPIRE", KEYS[2], ARGV[1])
return 1`;
