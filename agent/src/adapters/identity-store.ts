import { X509Certificate } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { type EnrollAnswer, enrollAnswerSchema } from '@proactive/shared/http'
import { topicToken, UsageError } from '@proactive/shared'
import { z } from 'zod'

/** Who this appliance is: what enrolment gave it and the key it made itself. The key never leaves the appliance. */
export interface Identity {
  readonly applianceId: string
  readonly locationId: string
  readonly mqttUrl: string
  /** Where certificates are renewed. */
  readonly enrollUrl: string
  readonly renewAfterMs: number
  readonly keyPem: string
  readonly certificatePem: string
  readonly caPem: string
}

/** When the certificate ends, by its own words (epoch ms). */
export function certificateEndMs({ certificatePem }: Pick<Identity, 'certificatePem'>): number {
  return Date.parse(new X509Certificate(certificatePem).validTo)
}

/** The claim that was used, so that the same `claim` again is no error. */
const identityFileSchema = z.strictObject({
  v: z.literal(1),
  applianceId: topicToken,
  locationId: topicToken,
  mqttUrl: z.string().max(300),
  enrollUrl: z.string().max(300),
  renewAfterMs: enrollAnswerSchema.shape.renewAfterMs,
  claimFingerprint: z.string().max(64),
})

const files = {
  about: 'identity.json',
  key: 'key.pem',
  certificate: 'certificate.pem',
  ca: 'ca.pem',
} as const

export interface IdentityStore {
  /** Undefined before the first claim. @throws UsageError where the files are broken. */
  read(): Identity | undefined
  /** Fingerprint of the claim that made the present identity. */
  claimFingerprint(): string | undefined
  /** The private key, made on first use and kept (PEM, PKCS #8). A crash between key and certificate keeps the key. */
  readKey(): string | undefined
  writeKey(keyPem: string): void
  /** Keeps what the cloud answered; whole or not at all. */
  write(answer: EnrollAnswer, about: { readonly enrollUrl: string; readonly claimFingerprint: string }): void
}

/** The identity in `<data>/identity`: folder 0700, files 0600. */
export function openIdentityStore(dataDir: string): IdentityStore {
  const folder = join(dataDir, 'identity')
  const path = (name: string) => join(folder, name)
  const text = (name: string) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : undefined)

  function readAbout() {
    const raw = text(files.about)
    if (raw === undefined) return undefined
    const parsed = identityFileSchema.safeParse(parseJson(raw))
    if (!parsed.success) throw broken(path(files.about))
    return parsed.data
  }

  return {
    read() {
      const about = readAbout()
      if (about === undefined) return undefined
      const [keyPem, certificatePem, caPem] = [text(files.key), text(files.certificate), text(files.ca)]
      if (keyPem === undefined || certificatePem === undefined || caPem === undefined) throw broken(folder)
      const { applianceId, locationId, mqttUrl, enrollUrl, renewAfterMs } = about
      return { applianceId, locationId, mqttUrl, enrollUrl, renewAfterMs, keyPem, certificatePem, caPem }
    },
    claimFingerprint: () => readAbout()?.claimFingerprint,
    readKey: () => text(files.key),
    writeKey(keyPem) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      chmodSync(folder, 0o700)
      writeDurably(path(files.key), keyPem)
    },
    write(answer, about) {
      writeDurably(path(files.ca), answer.caPem)
      writeDurably(path(files.certificate), answer.certificatePem)
      // Written last: only with this file is there an identity.
      const { applianceId, locationId, mqttUrl, renewAfterMs } = answer
      const document = { v: 1, applianceId, locationId, mqttUrl, renewAfterMs, ...about }
      writeDurably(path(files.about), `${JSON.stringify(document, null, 2)}\n`)
    },
  }
}

/** Writes a 0600 file so that after a crash the old or the new content is there, never half of one. */
export function writeDurably(file: string, content: string): void {
  const temporary = `${file}.new`
  const fd = openSync(temporary, 'w', 0o600)
  try {
    writeSync(fd, content)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, file)
}

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return undefined
  }
}

function broken(where: string): UsageError {
  return new UsageError(
    `The identity in ${where} is damaged: remove the folder and claim the appliance again with a new claim token.`,
  )
}
