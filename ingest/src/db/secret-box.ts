import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '@proactive/shared'

const keyBytes = 32
const ivBytes = 12
const tagBytes = 16

/** Keeps secrets that must be used again (client secrets, signing keys of webhooks) unreadable in the database and its backups. */
export interface SecretBox {
  /** @param place what the secret belongs to, e.g. `channel/chan-1`: it opens nowhere else. */
  seal(text: string, place: string): string
  /** @throws Error where the text was sealed with another key, for another place, or was changed. */
  open(sealed: string, place: string): string
}

/** AES-256-GCM (NIST SP 800-38D) with a key of its own, `<data>/keys/secrets.key` (0600), made at the first start. @throws UsageError where the key file is none. */
export function createSecretBox(dataDir: string): SecretBox {
  const folder = join(dataDir, 'keys')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const key = readOrMake(join(folder, 'secrets.key'))
  return {
    seal: (text, place) => {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
    },
    open: (sealed, place) => {
      const bytes = Buffer.from(sealed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      })
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
      return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
    },
  }
}

function readOrMake(file: string): Buffer {
  try {
    // Two programs may start at once: the one that comes second reads what the first one wrote.
    writeFileSync(file, randomBytes(keyBytes), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const key = readFileSync(file)
  if (key.length === keyBytes) return key
  throw new UsageError(
    `The key ${file} is not 32 bytes long: put the right one back, or move it away; what was sealed with it must then be entered anew.`,
  )
}
