import { globSync, readFileSync } from 'node:fs'

/** Where Debian's packages come from on this machine. */
export interface Mirrors {
  /** The archive that has the releases. */
  readonly archive: string
  /** The archive that has their security updates; often another server. */
  readonly security: string
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

interface SourceStanza {
  readonly uris: readonly string[]
  readonly suites: readonly string[]
}

/** No Debian archive is known here; the message says what to do. */
export class NoMirrorError extends Error {}

/**
 * Reads from apt's configuration of this machine which servers it takes Debian from. `PROACTIVE_DEBIAN_MIRROR` and
 * `PROACTIVE_DEBIAN_SECURITY_MIRROR` outrank it.
 * @throws NoMirrorError
 */
export function findMirrors(env: NodeJS.ProcessEnv, codename: string, texts = readAptSources()): Mirrors {
  const stanzas = texts.flatMap(({ file, text }) =>
    file.endsWith('.sources') ? parseDeb822(text) : parseOneLine(text),
  )
  const uriOf = (suite: string) => stanzas.find(({ suites }) => suites.includes(suite))?.uris[0]
  const isDebian = codename !== '' && !codename.startsWith('ubuntu')
  const archive = env.PROACTIVE_DEBIAN_MIRROR || (isDebian ? uriOf(codename) : undefined)
  if (archive === undefined) {
    throw new NoMirrorError(
      'apt on this machine knows no Debian archive: name one in PROACTIVE_DEBIAN_MIRROR (for example the address your network’s Debian machines use).',
    )
  }
  const security =
    env.PROACTIVE_DEBIAN_SECURITY_MIRROR ||
    (env.PROACTIVE_DEBIAN_MIRROR ? undefined : uriOf(`${codename}-security`))
  return { archive: trim(archive), security: trim(security ?? `${trim(archive)}-security`) }
}

const trim = (uri: string): string => uri.replace(/\/+$/, '')

/** The `sources.list` of one release with its updates. `extraSuites` are taken only where a package asks for them by name. */
export function sourcesList(mirrors: Mirrors, suite: string): string {
  const line = (uri: string, name: string) =>
    `deb [signed-by=${KEYRING}] ${uri} ${name} main non-free-firmware\n`
  return [
    line(mirrors.archive, suite),
    line(mirrors.archive, `${suite}-updates`),
    line(mirrors.security, `${suite}-security`),
    // apt takes nothing from backports unless a package is asked for with its release.
    line(mirrors.archive, `${suite}-backports`),
  ].join('')
}

function readAptSources(): { readonly file: string; readonly text: string }[] {
  const files = ['/etc/apt/sources.list', ...globSync('/etc/apt/sources.list.d/*.{list,sources}').sort()]
  return files.flatMap((file) => {
    try {
      return [{ file, text: readFileSync(file, 'utf8') }]
    } catch {
      return []
    }
  })
}

/** `deb [options] URI suite component…`, sources.list(5) */
function parseOneLine(text: string): SourceStanza[] {
  return [...text.matchAll(/^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+\S/gm)].map(
    ([, uri = '', suite = '']) => ({
      uris: [uri],
      suites: [suite],
    }),
  )
}

/** Stanzas of fields, the newer form of sources.list(5). */
function parseDeb822(text: string): SourceStanza[] {
  return text
    .replaceAll(/^#.*\n/gm, '')
    .split(/\n\s*\n/)
    .map((stanza) => {
      const field = (name: string) =>
        stanza
          .match(new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t].*)*)`, 'mi'))?.[1]
          ?.split(/\s+/)
          .filter(Boolean) ?? []
      const isOn = field('Enabled')[0]?.toLowerCase() !== 'no' && field('Types').includes('deb')
      return { uris: isOn ? field('URIs') : [], suites: isOn ? field('Suites') : [] }
    })
    .filter(({ uris }) => uris.length > 0)
}
