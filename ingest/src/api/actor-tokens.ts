import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '@proactive/shared'
import type { ActorClaims } from '@proactive/shared/http'
import type { Actor } from './access.ts'

/** How long the helpdesk believes a token (seconds). */
const lifeSeconds = 60

/** A person at a Customer, as a channel knows them: by a number, an address, a chat. The helpdesk shows them public rooms only. */
export interface CustomerUser {
  readonly customerUserId: string
  readonly name: string
  readonly customerId: string
}

/** Signs who stands behind a request to the helpdesk. */
export interface ActorTokens {
  /** A fresh compact JWS (RFC 7515, EdDSA of RFC 8037) for `Authorization: Bearer`, good for 60 s. */
  sign(actor: Actor | CustomerUser | 'service'): string
  /** Where the helpdesk finds the public key (PEM). */
  readonly publicKeyFile: string
}

/**
 * The issuer of actor tokens. Makes its Ed25519 key pair at the first start, `<data>/keys/actor.key.pem` (0600) and `actor.pub.pem`.
 * @throws UsageError where the key file is there but cannot be used.
 */
export function createActorTokens(options: {
  readonly dataDir: string
  readonly nowMs: () => number
}): ActorTokens {
  const folder = join(options.dataDir, 'keys')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const publicKeyFile = join(folder, 'actor.pub.pem')
  const key = readOrMake(join(folder, 'actor.key.pem'))
  write(publicKeyFile, createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(), 0o644)
  const header = encode({ alg: 'EdDSA', typ: 'JWT' })
  return {
    publicKeyFile,
    sign: (actor) => {
      const iat = Math.floor(options.nowMs() / 1_000)
      const signed = `${header}.${encode(claimsOf(actor, iat))}`
      return `${signed}.${sign(null, Buffer.from(signed, 'ascii'), key).toString('base64url')}`
    },
  }
}

function claimsOf(actor: Actor | CustomerUser | 'service', iat: number): ActorClaims {
  const common = {
    iss: 'proactive-ingest',
    aud: 'proactive-helpdesk',
    iat,
    exp: iat + lifeSeconds,
  } as const
  if (actor === 'service') return { kind: 'service', sub: 'ingest', ...common }
  if ('customerUserId' in actor) {
    const { customerUserId: sub, name, customerId } = actor
    return { kind: 'customer', sub, name, customerId, ...common }
  }
  return {
    kind: 'user',
    sub: actor.userId,
    name: actor.name,
    role: actor.role,
    organizationId: actor.organizationId,
    teamIds: [...actor.teamIds],
    ...common,
  }
}

function readOrMake(file: string): KeyObject {
  const text = readIfThere(file)
  if (text === undefined) {
    const { privateKey } = generateKeyPairSync('ed25519')
    write(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
    return privateKey
  }
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw unusable(file, cause)
  }
  throw unusable(file, undefined)
}

function unusable(file: string, cause: unknown): UsageError {
  return new UsageError(
    `The key ${file} is no Ed25519 private key: move it away, and the next start makes a new one.`,
    { cause },
  )
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole or not at all, so that nobody reads half a key. */
function write(file: string, text: string, mode: number): void {
  const fresh = `${file}.${process.pid}.new`
  writeFileSync(fresh, text, { mode })
  chmodSync(fresh, mode)
  renameSync(fresh, file)
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
