import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { UsageError } from '@proactive/shared'

const maxKeyBytes = 4_096
const retryEveryMs = 100

/** The key that actor tokens are checked with. */
export interface ActorKey {
  current(): KeyObject
  /** Reads the file again, at most once a second: ingest may have made a new key. Returns whether it changed. */
  refresh(nowMs: number): boolean
}

/**
 * Waits for the key file that ingest writes at its first start.
 * @throws UsageError, one sentence, when it is not there in time or holds no Ed25519 public key.
 */
export async function waitForActorKey(file: string, waitMs: number, signal: AbortSignal): Promise<ActorKey> {
  const deadline = Date.now() + waitMs
  for (;;) {
    const found = readKey(file)
    if (typeof found !== 'string') return holdKey(file, found)
    if (Date.now() >= deadline) throw new UsageError(found)
    await delay(retryEveryMs, undefined, { signal })
  }
}

function holdKey(file: string, first: { key: KeyObject; text: string }): ActorKey {
  let held = first
  let nextReadMs = 0
  return {
    current: () => held.key,
    refresh(nowMs) {
      if (nowMs < nextReadMs) return false
      nextReadMs = nowMs + 1_000
      const found = readKey(file)
      if (typeof found === 'string' || found.text === held.text) return false
      held = found
      return true
    },
  }
}

/** The key, or the sentence that says why there is none. */
function readKey(file: string): { key: KeyObject; text: string } | string {
  try {
    if (statSync(file).size > maxKeyBytes)
      return `The actor key file ${file} is too large to be a public key.`
    const text = readFileSync(file, 'utf8')
    const key = createPublicKey(text)
    if (key.asymmetricKeyType === 'ed25519') return { key, text }
    return `The actor key file ${file} holds a ${key.asymmetricKeyType} key; an Ed25519 public key is needed.`
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return `The actor key file ${file} does not exist: start ingest, which writes it, or set PROACTIVE_ACTOR_PUBLIC_KEY_FILE.`
    }
    return `The actor key file ${file} holds no readable public key (PEM, Ed25519).`
  }
}
