import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { ProactiveError } from '@proactive/shared'

/** Cost of a password guess: 32 MiB and some 80 ms of one core (RFC 7914; N = 2^15, r = 8, OWASP's floor for scrypt). */
const usualCost = { N: 2 ** 15, r: 8, p: 1 }
const keyBytes = 32
const maxAtOnce = 2
const maxWaiting = 64

/** Too many log-ins at the same instant; nothing was evaluated. */
export class PasswordsBusyError extends ProactiveError {
  readonly code = 'log-in-busy'
  override readonly retryable = true
}

export interface Passwords {
  /** What is stored where there is no password: nothing opens it, and finding that out takes as long as ever. */
  readonly none: string
  /** `scrypt$N$r$p$salt$key`, base64url, own random salt. */
  hash(password: string): Promise<string>
  /** Constant time in the password; an unknown account is compared with a hash of nothing, so it takes as long. */
  verify(password: string, stored: string | undefined): Promise<boolean>
}

/** scrypt with at most two hashes at once and a short queue behind them, so that guessers cannot eat the memory. */
export function createPasswords(cost: { N: number; r: number; p: number } = usualCost): Passwords {
  const nobody = ['scrypt', cost.N, cost.r, cost.p, 'A'.repeat(22), 'A'.repeat(43)].join('$')
  let running = 0
  const waiting: (() => void)[] = []

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= maxAtOnce) {
      if (waiting.length >= maxWaiting)
        throw new PasswordsBusyError('Many people log in right now: try again in a moment.')
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running += 1
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }

  return {
    none: nobody,
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(16)
        const key = await derive(password, salt, cost.N, cost.r, cost.p)
        return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join(
          '$',
        )
      }),
    verify: (password, stored) =>
      inTurn(async () => {
        const [scheme, n, r, p, salt, key] = (stored ?? nobody).split('$')
        if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false
        const expected = Buffer.from(key, 'base64url')
        const actual = await derive(password, Buffer.from(salt, 'base64url'), Number(n), Number(r), Number(p))
        return actual.length === expected.length && timingSafeEqual(actual, expected) && stored !== undefined
      }),
  }
}

function derive(password: string, salt: Buffer, N: number, r: number, p: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (err: Error | null, key: Buffer) => (err ? reject(err) : resolve(key))
    // Unicode has two ways to write "é"; people cannot tell which one their keyboard makes.
    scrypt(password.normalize('NFKC'), salt, keyBytes, { N, r, p, maxmem: 64 * 1024 * 1024 }, done)
  })
}
