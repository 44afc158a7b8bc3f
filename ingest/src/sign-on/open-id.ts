import { toShortText } from '@proactive/shared'
import type { TestReport } from '@proactive/shared/http'
import { createGuardedFetch, type OutgoingGuard } from '@proactive/shared/outgoing'
import * as oidc from 'openid-client'
import type { Flow } from './flows.ts'
import type { Identity } from './match-user.ts'
import type { ProviderSecrets } from './providers.ts'

const scope = 'openid email profile'
/** A provider's document is read again after this; after a failure sooner, but not by everybody who tries. */
const documentLifeMs = 5 * 60_000
const failureLifeMs = 5_000

/** Speaks OpenID Connect Core 1.0 with a provider: authorization code with PKCE (S256), state and nonce; the ID token's signature is checked. */
export interface OpenId {
  /** Where the browser goes to log in. @throws Error where the provider cannot be used. */
  addressOf(provider: ProviderSecrets, flow: Flow, state: string): Promise<URL>
  /** Who came back. @param answer the address the browser came back to. @throws Error where the answer does not hold. */
  redeem(provider: ProviderSecrets, flow: Flow, state: string, answer: URL): Promise<Identity>
  /** Tries what can be tried without a person. */
  test(provider: ProviderSecrets): Promise<TestReport>
}

/** Every request to a provider goes through the guard: its addresses are what somebody typed, and what its own document says. */
export function createOpenId(guard: OutgoingGuard, nowMs: () => number): OpenId {
  const fetchGuarded = createGuardedFetch(guard)
  const customFetch: oidc.CustomFetch = (url, options) =>
    fetchGuarded(url, {
      method: options.method,
      headers: options.headers,
      body: options.body,
      signal: options.signal,
    })

  async function discover(provider: ProviderSecrets): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = provider
    if (clientSecret === null)
      throw new Error(
        'The client secret cannot be read any more (the key of this installation changed): enter it anew.',
      )
    const configuration = await oidc.discovery(
      new URL(issuer),
      clientId,
      undefined,
      clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret),
      // The guard decides about plain http: to listed hosts only.
      { [oidc.customFetch]: customFetch, execute: [oidc.allowInsecureRequests], timeout: 10 },
    )
    configuration[oidc.customFetch] = customFetch
    oidc.enableNonRepudiationChecks(configuration)
    return configuration
  }

  const read = new Map<
    string,
    { readonly of: string; untilMs: number; document: Promise<oidc.Configuration> }
  >()

  /** What {@link discover} gave lately; read once, however many ask. */
  function known(provider: ProviderSecrets): Promise<oidc.Configuration> {
    const { id, issuer, clientId, clientSecret } = provider
    const of = JSON.stringify([issuer, clientId, clientSecret])
    for (const [other, { untilMs }] of read) if (untilMs <= nowMs()) read.delete(other)
    const present = read.get(id)
    if (present?.of === of) return present.document
    const entry = { of, untilMs: nowMs() + documentLifeMs, document: discover(provider) }
    read.set(id, entry)
    entry.document.catch(() => {
      entry.untilMs = nowMs() + failureLifeMs
    })
    return entry.document
  }

  return {
    addressOf: async (provider, flow, state) => {
      const configuration = await known(provider)
      return oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: flow.redirectUri,
        scope,
        state,
        nonce: flow.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(flow.verifier),
        code_challenge_method: 'S256',
      })
    },
    redeem: async (provider, flow, state, answer) => {
      const configuration = await known(provider)
      const tokens = await oidc.authorizationCodeGrant(configuration, answer, {
        pkceCodeVerifier: flow.verifier,
        expectedState: state,
        expectedNonce: flow.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (claims === undefined) throw new Error('the provider sent no ID token')
      // Many providers keep e-mail out of the ID token (OpenID Connect Core 1.0 §5.4).
      const told =
        claims.email === undefined
          ? await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)
          : claims
      return {
        subject: claims.sub,
        email: typeof told.email === 'string' ? told.email.slice(0, 200) : undefined,
        isEmailVerified: told.email_verified === true,
      }
    },
    test: async (provider) => {
      let configuration: oidc.Configuration
      try {
        configuration = await discover(provider)
      } catch (error) {
        return {
          isGood: false,
          checks: [{ name: 'Discovery', isGood: false, detail: sentenceOf(error) }],
        }
      }
      const server = configuration.serverMetadata()
      const checks: TestReport['checks'] = [
        { name: 'Discovery', isGood: true, detail: toShortText(`It is ${server.issuer}.`, 300) },
        {
          name: 'Log-in by code',
          isGood: server.response_types_supported?.includes('code') !== false,
          detail: toShortText(`At ${server.authorization_endpoint ?? 'no address'}.`, 300),
        },
        {
          name: 'PKCE',
          isGood: server.supportsPKCE(),
          detail: server.supportsPKCE()
            ? 'It says that it checks S256.'
            : 'It does not say that it knows S256.',
        },
        {
          name: 'E-mail',
          isGood: server.scopes_supported?.includes('email') !== false,
          detail:
            server.scopes_supported?.includes('email') === false
              ? 'It does not know the scope "email": Users cannot be found at their first log-in.'
              : 'It tells addresses.',
        },
        await checkKeys(server.jwks_uri),
      ]
      return { isGood: checks.every(({ isGood }) => isGood), checks }
    },
  }

  async function checkKeys(uri: string | undefined): Promise<TestReport['checks'][number]> {
    const name = 'Signing keys'
    if (uri === undefined) return { name, isGood: false, detail: 'It does not say where its keys are.' }
    try {
      const response = await fetchGuarded(uri)
      const body: unknown = await response.json()
      const keys = typeof body === 'object' && body !== null && 'keys' in body ? body.keys : undefined
      const count = Array.isArray(keys) ? keys.length : 0
      return { name, isGood: count > 0, detail: `${count} ${count === 1 ? 'key' : 'keys'}.` }
    } catch (error) {
      return { name, isGood: false, detail: sentenceOf(error) }
    }
  }
}

/** The innermost reason, which is what helps; libraries wrap it in "something went wrong". */
export function sentenceOf(error: unknown): string {
  let inner = error
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
  return toShortText(inner instanceof Error ? inner.message : 'unknown failure', 300)
}
