// The browser snippet: page views, identify, track and group for sites without any other client.
//
//   <script>window.dangol = window.dangol || []</script>
//   <script async src="https://dangol.example.com/dangol.js" data-key="dgl_…"></script>
//
// or with the settings in a call: dangol.push(['init', { key: 'dgl_…', host: 'https://dangol.example.com' }]). Calls made before it has
// loaded are pushed: dangol.push(['track', 'Signed Up']). What it promises: an event gets its id once, so that
// however often it is sent it is stored once; nothing is stored or sent before consent where consent is required; what
// could not be sent waits in the browser's storage for the next page.

type Fields = Record<string, unknown>
type Told = Fields & { messageId: string }
type Call = [name: string, ...args: unknown[]]

const VERSION = '1'
const PREFIX = 'dgl_'
const QUEUE = PREFIX + 'q_'
const MOST_WAITING = 500 // events kept while nothing can be sent; the oldest go first
const MOST_UNASKED = 100 // events held in memory until somebody consents
const BATCH = 50
const BEACON_BYTES = 60_000 // browsers take 64 KiB
const EVENT_BYTES = 32_000 // the server takes 32 KiB
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 60_000
const PATIENCE_MS = 30_000

const w = window as Window & { dangol?: unknown; doNotTrack?: string }
const d = document
const n = navigator as Navigator & { globalPrivacyControl?: boolean }
const l = location
const script = d.currentScript as HTMLScriptElement | null

const before = w.dangol
const init = (Array.isArray(before) && (before as Call[]).find((c) => c[0] === 'init')?.[1]) as Fields | undefined
const setting = (name: string): string => '' + ((init || {})[name] ?? script?.getAttribute('data-' + name) ?? '')
const off = (name: string): boolean => /^(off|false)$/.test(setting(name))
const key = setting('key')
const host = setting('host').replace(/\/$/, '') || (script ? new URL(script.src).origin : '')

// Do-Not-Track and Global Privacy Control are a refusal until she says otherwise on this very site.
const refuses = setting('dnt') !== 'ignore' && (n.globalPrivacyControl || n.doNotTrack === '1' || w.doNotTrack === '1')
const asks = refuses || /^(required|true)$/.test(setting('consent'))

// Storage may be forbidden, full or absent; then the ids go into a cookie, and the queue stays in memory.
const store = (): Storage | undefined => {
  try {
    return w.localStorage
  } catch {
    return undefined
  }
}
const domain = setting('domain')
const cookie = (name: string, value: string, seconds: number): void => {
  d.cookie =
    name + '=' + encodeURIComponent(value) + ';path=/;SameSite=Lax;max-age=' + seconds + (domain && ';domain=' + domain) + (l.protocol === 'https:' ? ';Secure' : '')
}
const read = (name: string): string => {
  try {
    const kept = !domain && store()?.getItem(PREFIX + name)
    if (kept) return kept
    const found = d.cookie.match('(?:^|; )' + PREFIX + name + '=([^;]*)')
    return found ? decodeURIComponent(found[1]!) : ''
  } catch {
    return ''
  }
}
const keep = (name: string, value: string): void => {
  let kept = false
  try {
    const s = store()
    if (s && !domain) {
      value ? s.setItem(PREFIX + name, value) : s.removeItem(PREFIX + name)
      kept = !!value
    }
  } catch {
    // full, or forbidden
  }
  try {
    if (!kept && (value || read(name))) cookie(PREFIX + name, value, value ? 31_536_000 : 0)
  } catch {
    // sandboxed: nothing can be kept, and the ids last as long as the page
  }
}

const random = (): string => {
  const b = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(b, (x) => (x + 256).toString(16).slice(1)).join('')
}

let answer = read('c') // '1' she consented, '0' she refused, '' she was not asked
const allowed = (): boolean => answer === '1' || (!asks && answer !== '0')

let anonymous = ''
let user = ''
const tab = QUEUE + random().slice(0, 8)
let unasked: Told[] = []
let waiting: Told[] = []
let sending: Told[] = []
let timer = 0
let tries = 0

// begin gives her an id and takes over what other pages could not send.
const begin = (): void => {
  anonymous = read('a') || anonymous || random()
  user = user || read('u')
  keep('a', anonymous)
  keep('u', user)
  try {
    const s = store()!
    for (const name of Object.keys(s)) {
      if (name.startsWith(QUEUE) && name !== tab) {
        waiting.push(...(JSON.parse(s.getItem(name)!) as Told[]))
        s.removeItem(name)
      }
    }
  } catch {
    // no storage, or not ours
  }
  for (const e of unasked) {
    e.anonymousId = anonymous
    waiting.push(e)
  }
  unasked = []
  later(0)
}

const save = (): void => {
  try {
    const all = allowed() ? sending.concat(waiting) : []
    all.length ? store()!.setItem(tab, JSON.stringify(all)) : store()!.removeItem(tab)
  } catch {
    // they wait in memory
  }
}

// forget leaves nothing of her in the browser.
const forget = (): void => {
  waiting = []
  unasked = []
  save()
  keep('a', '')
  keep('u', '')
  anonymous = user = ''
}

const later = (ms: number): void => {
  clearTimeout(timer)
  timer = w.setTimeout(flush, ms)
}

const body = (events: Told[]): string => JSON.stringify({ batch: events, sentAt: new Date().toISOString(), writeKey: key })

// text/plain spares the browser asking the server first.
const flush = (): void => {
  if (!allowed() || sending.length || !waiting.length) return
  sending = waiting.splice(0, BATCH)
  let text = body(sending)
  while (text.length > BEACON_BYTES && sending.length > 1) {
    waiting.unshift(...sending.splice(sending.length >> 1))
    text = body(sending)
  }
  // keepalive lets the request outlive the page, where it is small enough: browsers give all such requests 64 KiB together.
  fetch(host + '/v1/batch', { method: 'POST', body: text, headers: { 'Content-Type': 'text/plain' }, keepalive: !tries && text.length < BEACON_BYTES / 2, credentials: 'omit', signal: AbortSignal.timeout?.(PATIENCE_MS) }).then(
    (r) => (r.status === 429 || r.status > 499 ? again(+(r.headers.get('Retry-After') || 0) * 1_000) : done(r.ok)),
    () => again(0),
  )
}

const done = (ok: boolean): void => {
  if (!ok) console.warn('dangol: the server refused', sending.length, 'events; is the key right (data-key, or key in init)?')
  sending = []
  tries = 0
  save()
  later(0)
}

const again = (ms: number): void => {
  waiting = sending.concat(waiting)
  sending = []
  if (!allowed()) waiting = []
  save()
  later(Math.max(ms, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS << Math.min(tries++, 6)) * (0.5 + Math.random() / 2)))
}

// leave hands what waits to the browser, which sends it when the page is gone. What is on its way is kept: the next page sends it again
// if nobody answered, and it is stored once all the same.
const leave = (): void => {
  if (!allowed() || !n.sendBeacon || n.onLine === false) return
  while (waiting.length) {
    let count = Math.min(waiting.length, BATCH)
    while (count > 1 && body(waiting.slice(0, count)).length > BEACON_BYTES) count >>= 1
    if (!n.sendBeacon(host + '/v1/batch', new Blob([body(waiting.slice(0, count))], { type: 'text/plain' }))) break
    waiting.splice(0, count)
  }
  save()
}

const plain = (url: string): string => url.split('#')[0]!
let referrer = d.referrer
const where = (): Fields => ({ path: l.pathname, referrer, search: l.search, title: d.title, url: plain(l.href) })

const context = (): Fields => {
  const campaign: Fields = {}
  new URLSearchParams(l.search).forEach((v, k) => {
    if (k.startsWith('utm_')) campaign[k === 'utm_campaign' ? 'name' : k.slice(4)] = v
  })
  const c: Fields = { page: where(), userAgent: n.userAgent, locale: n.language, library: { name: 'dangol.js', version: VERSION } }
  try {
    c.timezone = Intl.DateTimeFormat().resolvedOptions().timeZone
  } catch {
    // an old browser
  }
  if (Object.keys(campaign).length) c.campaign = campaign
  return c
}

const add = (type: string, more: Fields): void => {
  if (answer === '0') return
  const e: Told = { type, messageId: 'dgl-' + random(), timestamp: new Date().toISOString(), anonymousId: anonymous, context: context(), ...more }
  if (user) e.userId = user
  if (!allowed()) {
    if (unasked.length < MOST_UNASKED) unasked.push(e)
    return
  }
  if (JSON.stringify(e).length > EVENT_BYTES) {
    console.warn('dangol: an event is larger than 32 KB and is left out')
    return
  }
  waiting.push(e)
  waiting.splice(0, waiting.length - MOST_WAITING)
  save()
  if (!tries && !sending.length) later(waiting.length < BATCH ? 300 : 0)
}

const verbs = {
  page(name?: string, properties?: Fields): void {
    add('page', { ...(name && { name }), properties: { ...where(), ...properties } })
  },
  track(event: string, properties?: Fields): void {
    add('track', { event, properties: properties || {} })
  },
  identify(id?: string | number | Fields | null, traits?: Fields): void {
    if (id && typeof id === 'object') {
      traits = id
      id = ''
    }
    if (id) {
      if (user && user !== '' + id) verbs.reset() // another person at the same browser
      user = '' + id
      if (allowed()) keep('u', user)
    }
    add('identify', { traits: traits || {} })
  },
  group(groupId: string, traits?: Fields): void {
    add('group', { groupId, traits: traits || {} })
  },
  // reset is for signing out: who comes next is somebody else.
  reset(): void {
    user = ''
    anonymous = allowed() ? random() : ''
    keep('u', '')
    if (anonymous) keep('a', anonymous)
  },
  // consent says what she answered. A refusal is kept only where nobody need ask: elsewhere it is what silence means.
  consent(given: boolean): void {
    answer = given ? '1' : '0'
    if (given) {
      keep('c', '1')
      begin()
    } else {
      forget()
      keep('c', asks ? '' : '0')
    }
  },
  flush(): void {
    later(0)
  },
  id: (): string => anonymous,
  init(): void {}, // was read before anything else
  push(...calls: Call[]): void {
    for (const [name, ...args] of calls) {
      const verb = (verbs as Record<string, unknown>)[name]
      if (typeof verb === 'function') verb(...args)
      else console.warn('dangol: there is no', name)
    }
  },
}

// watch follows pages that change without loading: their address changes.
const watch = (): void => {
  let seen = ''
  const look = (): void => {
    const now = plain(l.href)
    if (now === seen) return
    if (seen) referrer = seen
    seen = now
    verbs.page()
  }
  const soon = (): number => w.setTimeout(look) // when the page has its new title
  for (const name of ['pushState', 'replaceState'] as const) {
    const was = history[name]
    history[name] = function (...args) {
      was.apply(this, args)
      soon()
    }
  }
  addEventListener('popstate', soon)
  addEventListener('pageshow', (e) => {
    if (e.persisted) {
      seen = '' // she came back to a page that was never unloaded
      look()
    }
  })
  look()
}

const start = (): void => {
  if (before && !Array.isArray(before)) return // it stands in the page twice
  w.dangol = verbs
  if (!key) {
    console.warn('dangol: the script needs a key')
    return
  }
  if (allowed()) begin()
  if (!off('page')) watch()
  if (before) verbs.push(...(before as Call[]))
  addEventListener('pagehide', leave)
  addEventListener('visibilitychange', () => d.visibilityState === 'hidden' && leave())
  addEventListener('online', () => {
    tries = 0
    later(0)
  })
}
start()
