import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Absence } from './missing.ts'
import { type ToolName, toolSpec } from './tools.ts'

/** What is known of one tool on this machine. */
export type ToolState =
  /** Extracted; `version` is the Debian package's. */
  | { readonly kind: 'fetched'; readonly version: string }
  /** The machine's own copy. */
  | { readonly kind: 'host' }
  /** Could not be had; worth another try after `retryAtMs` (epoch). */
  | { readonly kind: 'missing'; readonly absence: Absence; readonly retryAtMs: number }

const MANIFEST_VERSION = 2
const fileName = 'manifest.json'

/** Reads what was fetched before. A manifest nobody can read counts as none: everything is looked at again. */
export function readManifest(folder: string): Map<string, ToolState> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(folder, fileName), 'utf8'))
    if (!isRecord(parsed) || parsed.version !== MANIFEST_VERSION || !isRecord(parsed.tools)) return new Map()
    return new Map(
      Object.entries(parsed.tools).filter((entry): entry is [string, ToolState] => isToolState(entry[1])),
    )
  } catch {
    return new Map()
  }
}

export function writeManifest(folder: string, stateByTool: ReadonlyMap<string, ToolState>): void {
  const draft = join(folder, `${fileName}.${process.pid}`)
  const content = { version: MANIFEST_VERSION, tools: Object.fromEntries(stateByTool) }
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`)
  renameSync(draft, join(folder, fileName))
}

/** Whether a tool needs no look at the archive: it is at hand, or was missing a moment ago. */
export function isSettled(
  binFolder: string,
  name: ToolName,
  state: ToolState | undefined,
  nowMs: number,
): boolean {
  if (state === undefined) return false
  if (state.kind === 'missing') return nowMs < state.retryAtMs
  return toolSpec(name).binaries.every((binary) => existsSync(join(binFolder, binary)))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isToolState(value: unknown): value is ToolState {
  if (!isRecord(value)) return false
  if (value.kind === 'host') return true
  if (value.kind === 'fetched') return typeof value.version === 'string'
  return value.kind === 'missing' && isAbsence(value.absence) && typeof value.retryAtMs === 'number'
}

function isAbsence(value: unknown): value is Absence {
  return isRecord(value) && typeof value.cause === 'string' && typeof value.detail === 'string'
}
