import { existsSync, readFileSync, statSync } from 'node:fs'
import { appendFile, mkdir, open, rename } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { runProgram } from '../../../scripts/process/run-program.ts'
import { type BoxConfig, MAX_CONFIG_BYTES, parseConfig } from './config-file.ts'
import type { Places } from './places.ts'
import { type Box, consoleLines, formatStatus, type Status } from './status-text.ts'

const PROGRAM_DEADLINE_MS = 60_000

/** Reads a small file; undefined when it is absent, too long or cannot be read. */
export function readText(path: string, maxBytes = MAX_CONFIG_BYTES): string | undefined {
  try {
    return statSync(path).size > maxBytes ? undefined : readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Writes a file so that a power cut leaves the old or the new one; FAT has no better promise than that of its rename. */
export async function writeWhole(path: string, text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.new`
  const file = await open(draft, 'w', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
  const folder = await open(dirname(path), 'r')
  await folder.sync().catch(() => {})
  await folder.close()
}

/** @throws Error with the program's last words */
export async function mustRun(
  file: string,
  args: readonly string[],
  timeoutMs = PROGRAM_DEADLINE_MS,
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(file, args, { timeoutMs })
  if (code !== 0)
    throw new Error(`${file} ${args[0] ?? ''} failed: ${(stderr.trim() || stdout.trim()).slice(-400)}`)
  return stdout
}

/** The configuration in force: the one setup kept. */
export function readSavedConfig(places: Places): BoxConfig | undefined {
  const text = readText(places.savedConfig)
  const parsed = text === undefined ? undefined : parseConfig(text)
  return parsed?.kind === 'good' ? parsed.config : undefined
}

export const isClaimed = (places: Places): boolean => existsSync(`${places.agentData}/identity/identity.json`)

export const kernelSlot = (): string => readText('/proc/cmdline')?.match(/rauc\.slot=([AB])/)?.[1] ?? '?'

export const imageVersion = (): string =>
  readText('/usr/lib/os-release')?.match(/^IMAGE_VERSION="?([^"\n]*)/m)?.[1] ?? 'unknown'

/** IPv4 addresses of the box's own interfaces. */
export function ownAddresses(): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    /^(eth|wlan|usb|wwan)/.test(name)
      ? (addresses ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => `${name} ${address}`)
      : [],
  )
}

/** Tells people how it stands: on the FAT partition, when that changes, and on the console. */
export async function report(places: Places, status: Status): Promise<void> {
  const box: Box = {
    version: imageVersion(),
    slot: kernelSlot(),
    addresses: ownAddresses(),
    nowMs: Date.now(),
  }
  await appendFile(places.console, `${consoleLines(status, box).join('\n')}\n`).catch(() => {})
  const text = formatStatus(status, box)
  const present = readText(places.statusFile)
  if (present !== undefined && withoutTime(present) === withoutTime(text)) return
  await writeWhole(places.statusFile, text, 0o644).catch((error: Error) =>
    process.stderr.write(`the status could not be written to the card: ${error.message}\n`),
  )
}

/** The card is spared a write at each start that changes nothing but the time. */
const withoutTime = (text: string): string => text.replace(/, \d{4}-\d\d-\d\d \d\d:\d\d UTC/, '')
