/** Where the page stands: read from the address bar, so that every view has a link. */
export type Route =
  | { readonly name: 'overview' }
  | { readonly name: 'location'; readonly id: string }
  | { readonly name: 'issues' }
  | { readonly name: 'issue'; readonly id: string }
  | { readonly name: 'lost' }

const idPattern = /^[A-Za-z0-9_-]{1,64}$/

/** Reads a path; anything unknown is `lost`, never an error. */
export function parseRoute(path: string): Route {
  const [first = '', second, ...rest] = path.split('/').filter((part) => part !== '')
  if (rest.length > 0) return { name: 'lost' }
  if (first === '' || (first === 'locations' && second === undefined)) return { name: 'overview' }
  if (first === 'issues' && second === undefined) return { name: 'issues' }
  if (second === undefined || !idPattern.test(second)) return { name: 'lost' }
  if (first === 'locations') return { name: 'location', id: second }
  if (first === 'issues') return { name: 'issue', id: second }
  return { name: 'lost' }
}

let current = $state.raw<Route>(parseRoute(globalThis.location?.pathname ?? '/'))

export const route = {
  get current() {
    return current
  },
  go(path: string): void {
    history.pushState(null, '', path)
    current = parseRoute(location.pathname)
    document.querySelector<HTMLElement>('main')?.focus()
    scrollTo(0, 0)
  },
}

/** Lets links within the origin change the view without a reload; modifier keys and other buttons stay the browser's. */
export function followLinks(): void {
  addEventListener('popstate', () => {
    current = parseRoute(location.pathname)
  })
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
    if (link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return
    event.preventDefault()
    route.go(link.pathname + link.search)
  })
}
