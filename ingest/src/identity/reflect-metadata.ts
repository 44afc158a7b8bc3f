/**
 * The metadata functions that `@peculiar/x509`'s container wants of `Reflect` before it loads (it refuses without them). Only what it calls:
 * values by target and key, looked up along the prototype chain. Goes when the library drops its container.
 */
const metadataByTarget = new WeakMap<object, Map<unknown, unknown>>()

function own(target: object): Map<unknown, unknown> | undefined {
  return metadataByTarget.get(target)
}

function find(target: object, key: unknown): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    const found = own(at)
    if (found?.has(key)) return found.get(key)
  }
  return undefined
}

if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, {
    defineMetadata(key: unknown, value: unknown, target: object) {
      const known = own(target) ?? new Map<unknown, unknown>()
      metadataByTarget.set(target, known.set(key, value))
    },
    getMetadata: (key: unknown, target: object) => find(target, key),
    getOwnMetadata: (key: unknown, target: object) => own(target)?.get(key),
    hasOwnMetadata: (key: unknown, target: object) => own(target)?.has(key) ?? false,
  })
}
