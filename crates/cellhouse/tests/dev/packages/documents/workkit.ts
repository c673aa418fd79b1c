// Every snippet of the document "KV Patterns", as it stands there. What it leaves open is above it or a
// parameter; what it shows is in what its function returns.

import { kv } from '@workkit/kv'
import { validateKey, prefixKey, stripPrefix } from '@workkit/kv'
import { wrapKVError, assertKVBinding, assertValidTtl } from '@workkit/kv'

interface User {
  id: string
  name: string
  role: 'admin' | 'user'
}

async function quickStart(env: Env) {
  const users = kv<User>(env.USERS_KV, {
    prefix: 'user:',
    defaultTtl: 3600, // 1 hour
  })

  await users.put('alice', { id: 'alice', name: 'Alice', role: 'admin' })
  const user = await users.get('alice') // User | null
  const typed: User | null = user
  return typed
}

type MyType = { version: number } | string

function creatingAClient(env: Env) {
  const basic = () => {
    // Basic -- JSON serialization, no prefix
    const store = kv<MyType>(env.MY_KV)
    return store
  }

  // With all options
  const store = kv<MyType>(env.MY_KV, {
    prefix: 'cache:', // auto-prepended to all keys
    defaultTtl: 3600, // default TTL in seconds
    defaultCacheTtl: 60, // edge cache TTL for reads
    serializer: 'json', // 'json' | 'text' | 'arrayBuffer' | 'stream'
  })
  return [basic(), store] as const
}

async function coreOperations(env: Env) {
  const [, store] = creatingAClient(env)
  const seen: unknown[] = []
  {
    const value = await store.get('key') // T | null

    // Override cache TTL per request
    const fresh = await store.get('key', { cacheTtl: false }) // bypass edge cache
    const cached = await store.get('key', { cacheTtl: 300 }) // cache for 5 min
    seen.push([value, fresh, cached])
  }
  const value: MyType = { version: 1 }
  {
    // Use default TTL
    await store.put('key', value)

    // Override TTL
    await store.put('key', value, { ttl: 7200 }) // 2 hours

    // Absolute expiration
    await store.put('key', value, {
      expiration: Math.floor(Date.now() / 1000) + 86400, // tomorrow
    })

    // Attach metadata
    await store.put('key', value, {
      metadata: { source: 'api', version: 2 },
    })
  }
  const exists = async () => {
    const exists = await store.has('key') // boolean
    const typed: boolean = exists
    return typed
  }
  seen.push(await store.get('key'), await exists())
  await store.delete('key')
  seen.push(await exists())
  return seen
}

async function withMetadata(env: Env) {
  const store = kv<User>(env.USERS_KV, { prefix: 'user:' })
  await store.put('alice', { id: 'alice', name: 'Alice', role: 'admin' }, { metadata: { lastLogin: 7 } })

  interface UserMeta {
    lastLogin: number
  }

  const result = await store.getWithMetadata<UserMeta>('alice')
  // result.value: User | null
  // result.metadata: UserMeta | null
  // result.cacheStatus: string | null
  const typed: { value: User | null; metadata: UserMeta | null; cacheStatus: string | null } = result
  return [typed.value?.name, typed.metadata?.lastLogin, typed.cacheStatus]
}

async function batchOperations(env: Env) {
  const seen: unknown[] = []
  {
    const store = kv<User>(env.USERS_KV, { prefix: 'user:', defaultTtl: 3600 })
    await store.putMany([
      { key: 'alice', value: { id: 'alice', name: 'Alice', role: 'admin' } },
      { key: 'bob', value: { id: 'bob', name: 'Bob', role: 'user' } },
    ])

    const results = await store.getMany(['alice', 'bob', 'charlie'])
    // results is Map<string, User>
    const typed: Map<string, User> = results

    for (const [key, user] of typed) {
      seen.push(`${key}: ${user.name}`)
    }
  }
  {
    const [, store] = creatingAClient(env)
    const data: MyType = 'text'
    // Per-entry options
    await store.putMany([
      { key: 'temp', value: data, options: { ttl: 60 } },
      { key: 'permanent', value: data }, // uses defaultTtl
    ])
    await store.deleteMany(['old-key-1', 'old-key-2', 'temp'])
    seen.push(await store.listKeys())
    await store.delete('permanent')
  }
  return JSON.parse(JSON.stringify(seen, (name, value) => (name === 'expiration' ? typeof value : value)))
}

async function listingKeys(env: Env) {
  const store = kv<User>(env.USERS_KV, { prefix: 'user:' })
  await store.put('active:dora', { id: 'dora', name: 'Dora', role: 'user' }, { metadata: { new: true } })
  const seen: unknown[] = []

  for await (const entry of store.list()) {
    seen.push(entry.name) // key name (prefix stripped)
    seen.push(typeof entry.expiration) // unix timestamp or undefined
    seen.push(entry.metadata) // attached metadata or undefined
  }

  // Filter by sub-prefix
  for await (const entry of store.list({ prefix: 'active:' })) {
    // Only keys matching "user:active:*" (namespace prefix + filter prefix)
    seen.push(entry.name)
  }

  const allKeys = await store.listKeys()
  // KVListEntry[]
  return [...seen, allKeys.length]
}

type ApiResponse = { answer: string }
let asked = 0

async function fetchFromApi(endpoint: string): Promise<ApiResponse> {
  asked += 1
  return { answer: `${endpoint} ${asked}` }
}

async function caching(env: Env) {
  const cache = kv<ApiResponse>(env.CACHE_KV, {
    prefix: 'api:',
    defaultTtl: 300, // 5 min TTL
    defaultCacheTtl: 60, // 1 min edge cache
  })

  async function getWithCache(endpoint: string): Promise<ApiResponse> {
    const cached = await cache.get(endpoint)
    if (cached) return cached

    const response = await fetchFromApi(endpoint)
    await cache.put(endpoint, response)
    return response
  }
  return [await getWithCache('/a'), await getWithCache('/a')]
}

async function sessionsPattern(env: Env) {
  interface SessionData {
    userId: string
    role: string
    expiresAt: number
  }

  const sessions = kv<SessionData>(env.SESSION_KV, {
    prefix: 'session:',
    defaultTtl: 86400, // 24 hours
  })

  // Create session
  const sessionId = crypto.randomUUID()
  await sessions.put(sessionId, {
    userId: 'user-123',
    role: 'admin',
    expiresAt: Date.now() + 86400000,
  })

  // Lookup session
  const session = await sessions.get(sessionId)
  if (!session || session.expiresAt < Date.now()) {
    // expired or not found
    return 'expired'
  }

  // Destroy session
  await sessions.delete(sessionId)
  return [session.userId, await sessions.get(sessionId)]
}

async function featureFlags(env: Env) {
  interface FeatureFlag {
    enabled: boolean
    rolloutPercent: number
    allowlist: string[]
  }

  const flags = kv<FeatureFlag>(env.FLAGS_KV, {
    prefix: 'flag:',
    defaultCacheTtl: 30, // cache flags at edge for 30s
  })

  async function isEnabled(flag: string, userId: string): Promise<boolean> {
    const config = await flags.get(flag)
    if (!config) return false
    if (!config.enabled) return false
    if (config.allowlist.includes(userId)) return true

    // Deterministic rollout based on user ID
    const hash = await crypto.subtle.digest(
      'SHA-256',
      new TextEncoder().encode(`${flag}:${userId}`),
    )
    const value = new DataView(hash).getUint32(0) / 0xffffffff * 100
    return value < config.rolloutPercent
  }
  await flags.put('new-ui', { enabled: true, rolloutPercent: 0, allowlist: ['ada'] })
  return [await isEnabled('new-ui', 'ada'), await isEnabled('new-ui', 'bob'), await isEnabled('none', 'ada')]
}

async function rateCounter(env: Env) {
  const counters = kv<number>(env.COUNTER_KV, {
    prefix: 'count:',
    serializer: 'text', // numbers are serialized as text in KV
  })

  // Note: KV does not support atomic increments.
  // For strict counters, use Durable Objects.
  // This pattern works for approximate counters.
  async function increment(key: string): Promise<number> {
    const current = await counters.get(key) ?? 0
    const next = current + 1
    await counters.put(key, next)
    return next
  }
  return [await increment('x'), await increment('x'), await increment('y')]
}

function keyUtilities() {
  // Validate a key (throws on empty or invalid)
  validateKey('my-key')

  // Manual prefix operations
  const full = prefixKey('user:', 'alice') // 'user:alice'
  const bare = stripPrefix('user:', 'user:alice') // 'alice'
  return [full, bare]
}

function errorHandling(env: Env) {
  const seen: unknown[] = []
  const told = (check: () => void) => {
    try {
      check()
    } catch (error) {
      seen.push((error as Error).name)
    }
  }
  // These are used internally but available for custom KV logic:
  told(() => {
    assertKVBinding(env.MY_KV) // throws BindingNotFoundError if null
  })
  told(() => {
    assertKVBinding(null)
  })
  told(() => {
    assertValidTtl(30) // throws if TTL < 60 (KV minimum)
  })
  told(() => {
    wrapKVError(new Error('no'), { operation: 'get', key: 'k' })
  })
  return seen
}

async function rawAccess(env: Env) {
  const store = kv<User>(env.USERS_KV)
  const raw = store.raw // KVNamespace

  // Use raw KV API directly
  const value = await raw.get('my-key', 'text')
  const typed: string | null = value
  await raw.put('my-key', 'raw')
  return [typed, await raw.get('my-key', 'text')]
}

const SNIPPETS = {
  quickStart, coreOperations, withMetadata, batchOperations, listingKeys, caching, sessionsPattern, featureFlags,
  rateCounter, keyUtilities, errorHandling, rawAccess,
}

export default {
  async fetch(_request, env) {
    const seen: Record<string, unknown> = {}
    for (const [name, run] of Object.entries(SNIPPETS)) {
      seen[name] = await Promise.resolve().then(() => run(env)).catch(String)
    }
    return Response.json(seen)
  },
} satisfies ExportedHandler<Env>
