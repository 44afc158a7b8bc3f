import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { exitCodes, UsageError } from '@proactive/shared'
import {
  createSnmpFacts,
  identifyByEvidence,
  identifyBySnmp,
  parseSnmprec,
  snmprecLimits,
  type Verdict,
} from '../../agent/src/identify/index.ts'
import { parseEvidenceFile, withMaker } from './evidence-file.ts'

const usage = `npm run identify -- --snmprec FILE|FOLDER [--json]
npm run identify -- --evidence FILE.json [--json]

Tells what the agent would say a device is: role, vendor, model, version, serial, how sure, and why. One device a line.

  --snmprec    a recording (OID|tag|value a line), or a folder of them; links are followed
  --evidence   what was heard of devices: mac, dhcp, mdns, ssdp, services, banners, snmp; one object or a list (docs/identification.md)
  --json       one JSON object a line: {recording, role, vendor, model, version, serial, confidence, evidence}

Example: npm run identify -- --snmprec test/fixtures/identify/recordings --json
`

/** Where lines go. */
export interface IdentifyOutput {
  out(line: string): void
  err(line: string): void
}

const maxEvidenceBytes = 16 * 2 ** 20
const sourceSuffix = '.snmprec'

/** The command; resolves with its exit code. A file that cannot be read is told on stderr and the rest goes on; one that is not there is a mistake of the asker. */
export async function runIdentify(argv: readonly string[], { out, err }: IdentifyOutput): Promise<number> {
  const options = {
    json: { type: 'boolean' },
    help: { type: 'boolean' },
    snmprec: { type: 'string', multiple: true },
    evidence: { type: 'string', multiple: true },
  } as const
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values']
  try {
    values = parseArgs({ args: [...argv], options }).values
  } catch (error) {
    err(`${error instanceof Error ? error.message : String(error)} (--help lists what there is)`)
    return exitCodes.usage
  }
  if (values.help) {
    out(usage)
    return exitCodes.ok
  }
  const paths = values.snmprec ?? []
  const files = values.evidence ?? []
  if (paths.length + files.length === 0) {
    err(
      'Name what to identify: npm run identify -- --snmprec FILE|FOLDER, or --evidence FILE.json (--help tells more).',
    )
    return exitCodes.usage
  }
  let failures = 0
  let mistakes = 0
  const print = (recording: string, verdict: Verdict) =>
    out(values.json ? toJson(recording, verdict) : toText(recording, verdict))
  const attempt = (name: string, read: () => void) => {
    try {
      read()
    } catch (error) {
      if (error instanceof UsageError) {
        mistakes += 1
        err(error.message)
        return
      }
      failures += 1
      err(`${name}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`)
    }
  }
  for (const path of paths)
    attempt(path, () => {
      needsFile(path, `The recording ${path}`, `a ${sourceSuffix} file or a folder of them`)
      const found = recordingsIn(path)
      if (found.length === 0)
        throw new UsageError(
          `The folder ${path} holds no ${sourceSuffix} file: name a recording or a folder of them.`,
        )
      for (const file of found)
        attempt(file, () => print(basename(file, sourceSuffix), identifyFile(file, err)))
    })
  for (const file of files)
    attempt(file, () => {
      needsFile(file, `The evidence ${file}`, 'a JSON file of devices (docs/identification.md)')
      for (const one of parseEvidenceFile(readCapped(file, maxEvidenceBytes))) {
        print(one.recording, identifyByEvidence(withMaker(one), one.isGateway))
      }
    })
  if (mistakes > 0) return exitCodes.usage
  return failures === 0 ? exitCodes.ok : exitCodes.failed
}

/** @throws UsageError where a named path is not there or may not be looked at. */
function needsFile(path: string, what: string, wanted: string): void {
  try {
    accessSync(path, constants.R_OK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new UsageError(`${what} cannot be read (${code}): name ${wanted}.`)
  }
}

function identifyFile(file: string, err: (line: string) => void): Verdict {
  const recording = parseSnmprec(readCapped(file, snmprecLimits.bytes))
  if (recording.badLines > 0)
    err(`${basename(file)}: ${recording.badLines} lines are no OID|tag|value and were left out`)
  if (recording.isCut) err(`${basename(file)}: only the beginning was read, it is too long`)
  return identifyBySnmp(createSnmpFacts(recording.values))
}

/** The recording itself, or those in a folder by name; links lead to what they point at. */
function recordingsIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .filter((name) => name.endsWith(sourceSuffix))
    .sort()
    .map((name) => join(path, name))
}

function readCapped(file: string, bytes: number): string {
  const { size } = statSync(file)
  if (size > 4 * bytes) throw new Error(`is ${size} bytes long; ${4 * bytes} is the limit`)
  return readFileSync(file, 'utf8')
}

function toJson(
  recording: string,
  { role, vendor, model, version, serial, confidence, evidence }: Verdict,
): string {
  return JSON.stringify({
    recording,
    role,
    vendor: vendor ?? null,
    model: model ?? null,
    version: version ?? null,
    serial: serial ?? null,
    confidence: Math.round(confidence * 100) / 100,
    evidence,
  })
}

function toText(recording: string, { role, vendor, model, version, serial, confidence }: Verdict): string {
  const product = [vendor, model, version, serial === undefined ? undefined : `serial ${serial}`].filter(
    (one) => one !== undefined,
  )
  return `${recording.padEnd(34)} ${role.padEnd(14)} ${Math.round(confidence * 100)} %  ${product.join(' · ')}`
}
