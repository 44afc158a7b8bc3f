import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

/** Somebody with an account at the provider; the log-in name is the subject, any password does. */
export interface OidcAccount {
  readonly email: string
  readonly isEmailVerified: boolean
}

/** A real OpenID Connect provider on loopback. */
export interface OidcServer {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  stop(): Promise<void>
}

/** Starts it with one confidential client that must use PKCE, and the accounts by subject. */
export async function startOidcServer(options: {
  readonly redirectUris: readonly string[]
  readonly accounts: ReadonlyMap<string, OidcAccount>
}): Promise<OidcServer> {
  const clientId = 'proactive'
  const clientSecret = 'a secret of at least thirty-two bytes'
  const server = createServer((request, response) => {
    void handle?.(request, response)
  })
  let handle: ReturnType<Provider['callback']> | undefined
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [...options.redirectUris],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    scopes: ['openid', 'email', 'profile'],
    cookies: { keys: ['only for tests'] },
    features: { devInteractions: { enabled: true } },
    findAccount: (_context: unknown, subject: string) => {
      const account = options.accounts.get(subject)
      return (
        account && {
          accountId: subject,
          claims: () => ({ sub: subject, email: account.email, email_verified: account.isEmailVerified }),
        }
      )
    },
  })
  handle = provider.callback()
  return {
    issuer,
    clientId,
    clientSecret,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
