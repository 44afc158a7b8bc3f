/** Where the page stands: read from the address bar, so that every view has a link. */
export type Route =
  | { readonly name: 'overview' }
  | { readonly name: 'location'; readonly id: string }
  | { readonly name: 'device'; readonly id: string; readonly deviceId: string }
  | { readonly name: 'issues' }
  | { readonly name: 'issue'; readonly id: string }
  | { readonly name: 'fleet' }
  | { readonly name: 'admin' }
  | { readonly name: 'runbook'; readonly id: string }
  | { readonly name: 'incident'; readonly id: string }
  | { readonly name: 'set-up' }
  | { readonly name: 'password' }
  | { readonly name: 'lost' }

const idPattern = /^[A-Za-z0-9_-]{1,64}$/
const plainPages = ['issues', 'fleet', 'admin', 'set-up', 'password'] as const

/** Reads a path; anything unknown is `lost`, never an error. */
export function parseRoute(path: string): Route {
  const [first = '', second, third, fourth, ...rest] = path.split('/').filter((part) => part !== '')
  const lost: Route = { name: 'lost' }
  if (rest.length > 0) return lost
  if (second === undefined) {
    if (first === '' || first === 'locations') return { name: 'overview' }
    const page = plainPages.find((name) => name === first)
    return page === undefined ? lost : { name: page }
  }
  if (!idPattern.test(second)) return lost
  if (first === 'locations' && third === 'devices' && fourth !== undefined)
    return idPattern.test(fourth) ? { name: 'device', id: second, deviceId: fourth } : lost
  if (third !== undefined) return lost
  if (first === 'locations') return { name: 'location', id: second }
  if (first === 'issues') return { name: 'issue', id: second }
  if (first === 'incidents') return { name: 'incident', id: second }
  if (first === 'runbooks') return { name: 'runbook', id: second }
  return lost
}

let current = $state.raw<Route>(parseRoute(globalThis.location?.pathname ?? '/'))
let query = $state.raw(new URLSearchParams(globalThis.location?.search ?? ''))

function read(): void {
  const next = parseRoute(location.pathname)
  if (JSON.stringify(next) !== JSON.stringify(current)) current = next
  query = new URLSearchParams(location.search)
}

export const route = {
  get current() {
    return current
  },
  get query() {
    return query
  },
  go(path: string): void {
    history.pushState(null, '', path)
    read()
    document.querySelector<HTMLElement>('main')?.focus()
    scrollTo(0, 0)
  },
  /** Writes what the view shows into the address, without a step in the history. */
  keep(values: Readonly<Record<string, string | undefined>>): void {
    const next = new URLSearchParams(location.search)
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) next.delete(name)
      else next.set(name, value)
    }
    const text = next.toString()
    if (text === query.toString()) return
    history.replaceState(null, '', `${location.pathname}${text === '' ? '' : `?${text}`}`)
    query = next
  },
}

/** Lets links within the origin change the view without a reload; modifier keys and other buttons stay the browser's. */
export function followLinks(): void {
  addEventListener('popstate', read)
  addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (
      link === null ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    // A link within an SVG says its address as an animated string.
    const address = new URL(
      typeof link.href === 'string' ? link.href : String(link.getAttribute('href')),
      location.href,
    )
    if (
      address.origin !== location.origin ||
      link.getAttribute('target') !== null ||
      link.hasAttribute('download')
    )
      return
    if (address.hash !== '' && address.pathname === location.pathname) return
    event.preventDefault()
    route.go(address.pathname + address.search)
  })
}
