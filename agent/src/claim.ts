import { existsSync, readFileSync, statSync } from 'node:fs'
import { UsageError } from '@proactive/shared'
import { type ClaimBundle, claimBundleSchema } from '@proactive/shared/http'
import { createCertificateRequest, createKeyPem } from './adapters/certificate-request.ts'
import { enroll, sha256 } from './adapters/enroll-client.ts'
import { type Identity, openIdentityStore } from './adapters/identity-store.ts'

const maxBundleChars = 4_000

/**
 * Makes this machine the appliance that the claim was made for. The same claim again changes nothing; another claim replaces the identity.
 * A crash between any two steps, here or in the cloud, is mended by running it again while the token lives: the key is kept.
 * @throws UsageError, EnrollError: one sentence each
 */
export async function claim(
  dataDir: string,
  bundleText: string,
  options: { readonly proxy?: string | undefined } = {},
): Promise<{ readonly identity: Identity; readonly isNew: boolean }> {
  const bundle = parseBundle(bundleText)
  const store = openIdentityStore(dataDir)
  const claimFingerprint = sha256(bundle.token)
  const present = readQuietly(store.read)
  if (present !== undefined && store.claimFingerprint() === claimFingerprint)
    return { identity: present, isNew: false }

  // The key is kept across tries, so that an answer lost on the way does not leave a certificate without its key.
  const keyPem = store.readKey() ?? createKeyPem()
  store.writeKey(keyPem)
  const answer = await enroll(bundle, createCertificateRequest(keyPem), options.proxy)
  store.write(answer, { enrollUrl: bundle.url, claimFingerprint })
  const identity = store.read()
  if (identity === undefined)
    throw new UsageError(`The identity could not be kept in ${dataDir}: is the disk full?`)
  return { identity, isNew: true }
}

/** A damaged identity must not stand in the way of a new one. */
function readQuietly(read: () => Identity | undefined): Identity | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/**
 * A bundle as people pass it on: its JSON, the name of a file with it, `-` for standard input, or base64url of the JSON (a QR code).
 * @throws UsageError
 */
export function parseBundle(given: string): ClaimBundle {
  const text = given.trim()
  const parsed = claimBundleSchema.safeParse(safeJson(bundleJson(text)))
  if (parsed.success) return parsed.data
  throw new UsageError(
    'This is no claim bundle: paste the whole text that the cloud showed for the Location, or name the file that holds it.',
  )
}

function bundleJson(text: string): string {
  if (text.startsWith('{')) return text.slice(0, maxBundleChars)
  if (text === '-') return readFileSync(0, 'utf8').slice(0, maxBundleChars)
  if (text.length < 1_000 && existsSync(text) && statSync(text).size <= maxBundleChars)
    return readFileSync(text, 'utf8')
  return Buffer.from(text.slice(0, maxBundleChars), 'base64url').toString('utf8')
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
