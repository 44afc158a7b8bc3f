import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { isClaimed, readText, report, writeWhole } from './box.ts'
import { type BoxConfig, blankSecrets, parseConfig, USED_CLAIM } from './config-file.ts'
import type { Places } from './places.ts'
import { AGENT_UID } from './setup.ts'

const CLAIM_DEADLINE_MS = 90_000
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 60_000
/** What it says of a cloud that cannot be reached or is busy: worth another try. */
const isWorthAnotherTry = (sentence: string): boolean => /cannot be reached|try again/.test(sentence)

/** The program that spends a claim it reads from standard input. */
export interface ClaimCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** The claim that a person put on the card and that was not spent yet, with the text it stands in. */
export function pendingClaim(
  places: Places,
): { readonly text: string; readonly claim: NonNullable<BoxConfig['claim']> } | undefined {
  const text = readText(places.configFile)
  const parsed = text === undefined ? undefined : parseConfig(text)
  const claim = parsed?.kind === 'good' ? parsed.config.claim : undefined
  return text === undefined || claim === undefined || claim === USED_CLAIM ? undefined : { text, claim }
}

/**
 * Trades the claim of `proactive.json` for an identity, trying again until the network and the cloud are there, and blanks
 * the claim afterwards.
 * @returns whether the appliance has an identity
 */
export async function claimOnce(places: Places, command: ClaimCommand): Promise<boolean> {
  const pending = pendingClaim(places)
  if (pending === undefined) return isClaimed(places)
  const { text, claim } = pending
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    const { code, words } = await runClaim(command, JSON.stringify(claim))
    if (code === 0) {
      await writeWhole(places.configFile, blankSecrets(text, { claim: true, password: false }))
      await report(places, { state: 'claimed' })
      return true
    }
    if (!isWorthAnotherTry(words)) {
      await report(places, { state: 'claim-refused', detail: words })
      return isClaimed(places)
    }
    await report(places, { state: 'claiming', detail: words })
    await sleep(waitMs)
  }
}

/** The claim goes in by standard input: an argument could be read by every process. */
function runClaim(command: ClaimCommand, bundle: string): Promise<{ code: number; words: string }> {
  return new Promise((resolve) => {
    const asAgent = process.getuid?.() === 0 ? { uid: AGENT_UID, gid: AGENT_UID } : {}
    const child = spawn(command.file, [...command.args], {
      env: command.env,
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: CLAIM_DEADLINE_MS,
      killSignal: 'SIGKILL',
      ...asAgent,
    })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint = (complaint + chunk).slice(-2000)
    })
    child.stdin.on('error', () => {})
    child.stdin.end(bundle)
    child.on('error', (error) =>
      resolve({ code: 1, words: `The claim could not be started: ${error.message}` }),
    )
    child.on('close', (code) => {
      const words = complaint.trim().split('\n').at(-1) ?? ''
      resolve({ code: code ?? 1, words: words || 'The cloud cannot be reached; no answer in time.' })
    })
  })
}
