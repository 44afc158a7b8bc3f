import { randomBytes } from 'node:crypto'
import { base32 } from '@proactive/shared'

/** A fresh id, e.g. `loc-k4x…`: 80 random bits, a topic token; the prefix is for people who read logs. */
export function newId(prefix: string): string {
  return `${prefix}-${base32(randomBytes(10))}`
}
