import { createHash, randomBytes } from 'node:crypto'
import type { Database } from '../db/database.ts'
import { networkOf } from '../net/network-of.ts'

/** How long somebody may take at the provider. */
export const flowLifeMs = 10 * 60 * 1_000
const maxUnderWay = 5_000
/** Of one address: one of them alone must not shut out everybody else. */
export const maxUnderWayPerAddress = 100

/** A log-in that went to the provider and has not come back yet. */
export interface Flow {
  readonly providerId: string
  readonly nonce: string
  readonly verifier: string
  readonly redirectUri: string
}

/** Log-ins under way: each comes back once, within ten minutes, to the browser that began it. */
export interface Flows {
  /** Undefined = too many are under way, of this address or of all together. `state` goes to the provider, `browser` into the browser's cookie. */
  begin(
    flow: Omit<Flow, 'nonce' | 'verifier'>,
    address: string,
  ): Promise<{ flow: Flow; state: string; browser: string } | undefined>
  /** The flow of this state and browser, taken away. */
  take(state: string, browser: string): Promise<Flow | undefined>
}

export function createFlows({ db }: Database, nowMs: () => number): Flows {
  return {
    begin: async ({ providerId, redirectUri }, address) => {
      const now = nowMs()
      const network = networkOf(address)
      await db
        .deleteFrom('sign_on_flows')
        .where('created_at_ms', '<=', now - flowLifeMs)
        .execute()
      const { count } = await db
        .selectFrom('sign_on_flows')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      const { own } = await db
        .selectFrom('sign_on_flows')
        .select((eb) => eb.fn.countAll<number>().as('own'))
        .where('network', '=', network)
        .executeTakeFirstOrThrow()
      if (Number(count) >= maxUnderWay || Number(own) >= maxUnderWayPerAddress) return undefined
      const [state, browser] = [secret(), secret()]
      const flow = { providerId, redirectUri, nonce: secret(), verifier: secret() }
      await db
        .insertInto('sign_on_flows')
        .values({
          state_hash: hashOf(state),
          browser_hash: hashOf(browser),
          provider_id: providerId,
          nonce: flow.nonce,
          verifier: flow.verifier,
          redirect_uri: redirectUri,
          created_at_ms: now,
          network,
        })
        .execute()
      return { flow, state, browser }
    },
    take: async (state, browser) => {
      const row = await db
        .deleteFrom('sign_on_flows')
        .where('state_hash', '=', hashOf(state))
        .where('browser_hash', '=', hashOf(browser))
        .where('created_at_ms', '>', nowMs() - flowLifeMs)
        .returningAll()
        .executeTakeFirst()
      return (
        row && {
          providerId: row.provider_id,
          nonce: row.nonce,
          verifier: row.verifier,
          redirectUri: row.redirect_uri,
        }
      )
    },
  }
}

/** 256 bits, of the alphabet that PKCE allows (RFC 7636 §4.1). */
function secret(): string {
  return randomBytes(32).toString('base64url')
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
