import { join } from 'node:path'
import { formatBytes, type StepRunner } from '../progress/steps.ts'
import { type Apt, AptError, createApt, isAptThere, type PackageVersion } from './apt.ts'
import { absentPackages, fetchPackages, isExtracted, packageFolder } from './extract.ts'
import { findProgram, linkHostProgram, writeLauncher } from './launcher.ts'
import { readManifest, type ToolState, writeManifest } from './manifest.ts'
import type { Absence } from './missing.ts'
import { type ToolName, toolSpec } from './tools.ts'

/** A missing network may be back soon; a package that a release does not have stays away longer. */
const RETRY_AFTER_FAILURE_MS = 10 * 60_000
const RETRY_AFTER_ABSENCE_MS = 24 * 3600_000

/** What apt would bring for several tools together, and what it says of those it cannot bring. */
interface Plan {
  readonly packages: readonly PackageVersion[]
  readonly complaintByTool: ReadonlyMap<ToolName, string>
}

/**
 * Brings tools to `folder/bin` and writes down what became of each. The caller holds the folder's lock.
 */
export async function installTools(
  folder: string,
  names: readonly ToolName[],
  step: StepRunner,
): Promise<void> {
  const binFolder = join(folder, 'bin')
  const stateByTool = readManifest(folder)
  const toFetch: ToolName[] = []
  for (const name of names) {
    if (toolSpec(name).isHostCopyGood && (await useHostCopy(binFolder, name)))
      stateByTool.set(name, { kind: 'host' })
    else toFetch.push(name)
  }
  if (toFetch.length > 0) {
    const fetched = (await isAptThere())
      ? await fetchTools(folder, toFetch, step)
      : toFetch.map((name) => [name, missing('no-apt', '')] as const)
    for (const [name, state] of fetched) stateByTool.set(name, state)
  }
  writeManifest(folder, stateByTool)
}

async function useHostCopy(binFolder: string, name: ToolName): Promise<boolean> {
  const found = toolSpec(name).binaries.map((binary) => [binary, findProgram(binary, '/')] as const)
  if (found.some(([, path]) => path === undefined)) return false
  for (const [binary, path] of found) if (path !== undefined) await linkHostProgram(binFolder, binary, path)
  return true
}

type ToolStates = readonly (readonly [ToolName, ToolState])[]

async function fetchTools(folder: string, names: readonly ToolName[], step: StepRunner): Promise<ToolStates> {
  const apt = await createApt(join(folder, 'apt'))
  let complaint = (await apt.hasFreshLists()) ? undefined : await refreshLists(apt, step)
  // Lists from yesterday may name versions that the archive has replaced since: then once more with new ones.
  for (const isLastTry of [false, true]) {
    const plan = await planTools(apt, names)
    try {
      await fetchAbsent(apt, folder, plan.packages, step)
      return await Promise.all(
        names.map(async (name) => [name, await finishTool(folder, name, plan, complaint)] as const),
      )
    } catch (error) {
      if (!(error instanceof AptError)) throw error
      complaint = isLastTry ? error.message : await refreshLists(apt, step)
    }
  }
  const reason = complaint ?? 'the download failed'
  return names.map((name) => [name, missing('unreachable', reason)])
}

/** @returns what apt complained of; the lists of the sources that did answer are usable all the same */
async function refreshLists(apt: Apt, step: StepRunner): Promise<string | undefined> {
  try {
    await step('reading Debian package lists', () => apt.updateLists())
    return undefined
  } catch (error) {
    if (error instanceof AptError) return error.message
    throw error
  }
}

async function planTools(apt: Apt, names: readonly ToolName[]): Promise<Plan> {
  const complaintByTool = new Map<ToolName, string>()
  const resolve = (tools: readonly ToolName[]) => apt.resolve(tools.map((name) => toolSpec(name).package))
  const keepWanted = (packages: readonly PackageVersion[]) => packages.filter(({ name }) => isExtracted(name))
  try {
    return { packages: keepWanted(await resolve(names)), complaintByTool }
  } catch (error) {
    if (!(error instanceof AptError)) throw error
  }
  for (const name of names) {
    try {
      await resolve([name])
    } catch (error) {
      if (!(error instanceof AptError)) throw error
      complaintByTool.set(name, error.message)
    }
  }
  const good = names.filter((name) => !complaintByTool.has(name))
  return { packages: good.length > 0 ? keepWanted(await resolve(good)) : [], complaintByTool }
}

async function fetchAbsent(
  apt: Apt,
  folder: string,
  packages: readonly PackageVersion[],
  step: StepRunner,
): Promise<void> {
  const packagesFolder = join(folder, 'packages')
  const absent = absentPackages(packagesFolder, packages)
  if (absent.length === 0) return
  const size = formatBytes(await apt.downloadSize(absent))
  const title = `fetching ${absent.length} Debian packages into the cache (${size}, nothing is installed)`
  await step(title, () => fetchPackages(apt, packagesFolder, absent))
}

/** Writes a tool's launchers. A package that apt sees no need to bring is installed on this machine. */
async function finishTool(
  folder: string,
  name: ToolName,
  plan: Plan,
  listsComplaint: string | undefined,
): Promise<ToolState> {
  const spec = toolSpec(name)
  const binFolder = join(folder, 'bin')
  const complaint = plan.complaintByTool.get(name)
  if (complaint !== undefined) {
    return listsComplaint === undefined
      ? missing('unknown-package', complaint)
      : missing('unreachable', listsComplaint)
  }
  const own = plan.packages.find((candidate) => candidate.name === spec.package)
  if (own === undefined) {
    if (await useHostCopy(binFolder, name)) return { kind: 'host' }
    return missing('unusable', `${spec.binaries.join(' and ')} cannot be found`)
  }
  const folderOf = (candidate: PackageVersion) => packageFolder(join(folder, 'packages'), candidate)
  try {
    for (const binary of spec.binaries) {
      await writeLauncher(binFolder, binary, spec, folderOf(own), plan.packages.map(folderOf))
    }
  } catch (error) {
    return missing('unusable', messageOf(error))
  }
  return { kind: 'fetched', version: own.version }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function missing(cause: Absence['cause'], detail: string): ToolState {
  const retryAfterMs = cause === 'unknown-package' ? RETRY_AFTER_ABSENCE_MS : RETRY_AFTER_FAILURE_MS
  return { kind: 'missing', absence: { cause, detail }, retryAtMs: Date.now() + retryAfterMs }
}
