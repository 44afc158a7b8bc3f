import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Debian's names of the processors that Node knows. */
const debianArchByNodeArch = new Map([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
  ['arm', 'armhf'],
])

/** `amd64-bookworm`: packages of one release and processor never meet those of another. */
export function machineKind(osRelease = readOsRelease(), arch: string = process.arch): string {
  const fields = new Map(
    osRelease.split('\n').map((line) => {
      const at = line.indexOf('=')
      return [line.slice(0, at), line.slice(at + 1).replace(/^"(.*)"$/, '$1')]
    }),
  )
  const release =
    fields.get('VERSION_CODENAME') || `${fields.get('ID') ?? 'unknown'}-${fields.get('VERSION_ID') ?? ''}`
  return `${debianArchByNodeArch.get(arch) ?? arch}-${release.replaceAll(/[^A-Za-z0-9.-]/g, '')}`
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return ''
  }
}

/** Where everything fetched is kept: XDG Base Directory Specification, which ignores relative paths. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CACHE_HOME
  return join(base && isAbsolute(base) ? base : join(env.HOME || homedir(), '.cache'), 'proactive')
}
