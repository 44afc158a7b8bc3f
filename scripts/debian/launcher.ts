import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../process/run-program.ts'
import type { ToolSpec } from './tools.ts'

const programFolders = ['usr/sbin', 'usr/bin', 'sbin', 'bin']
const LDD_DEADLINE_MS = 10_000

/** Finds a program below `/` or below an extracted package. */
export function findProgram(binary: string, below: string): string | undefined {
  return programFolders.map((folder) => join(below, folder, binary)).find((path) => existsSync(path))
}

/** Makes `bin/<binary>` lead to the machine's own program. */
export async function linkHostProgram(binFolder: string, binary: string, path: string): Promise<void> {
  await replace(binFolder, binary, (draft) => symlink(path, draft))
}

/**
 * Makes `bin/<binary>` start the extracted program with those of the fetched libraries that it uses: a plain link
 * where it needs none, else a short shell script.
 * @param ownFolder the extracted package of the program
 * @param packageFolders everything fetched with it
 * @throws Error when the program or one of its libraries is not there, by name
 */
export async function writeLauncher(
  binFolder: string,
  binary: string,
  spec: ToolSpec,
  ownFolder: string,
  packageFolders: readonly string[],
): Promise<void> {
  const program = findProgram(binary, ownFolder)
  if (program === undefined) throw new Error(`the package ${spec.package} has no program ${binary}`)
  const libraryFolders = (await Promise.all(packageFolders.map(findLibraryFolders))).flat()
  const usedFolders = await findUsedFolders(program, libraryFolders)
  const pathEnv = Object.entries(spec.pathEnv ?? {}).map(
    ([name, inside]) =>
      [
        name,
        packageFolders.map((folder) => join(folder, inside)).filter((path) => existsSync(path)),
      ] as const,
  )
  if (usedFolders.length === 0 && pathEnv.length === 0) return linkHostProgram(binFolder, binary, program)
  const script = launcherScript(program, usedFolders, pathEnv)
  await replace(binFolder, binary, async (draft) => {
    await writeFile(draft, script)
    await chmod(draft, 0o755)
  })
}

/** The shell script that starts a program among its own libraries; what the caller has set stays in force. */
export function launcherScript(
  program: string,
  libraryFolders: readonly string[],
  pathEnv: readonly (readonly [name: string, folders: readonly string[]])[],
): string {
  const lines = ['#!/bin/sh']
  if (libraryFolders.length > 0) {
    lines.push(
      `LD_LIBRARY_PATH=${quote(libraryFolders.join(':'))}"\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`,
      'export LD_LIBRARY_PATH',
    )
  }
  for (const [name, folders] of pathEnv) {
    lines.push(`if [ -z "$${name}" ]; then ${name}=${quote(folders.join(':'))}; export ${name}; fi`)
  }
  return `${lines.join('\n')}\nexec ${quote(program)} "$@"\n`
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Folders with shared libraries: `lib`, `usr/lib`, their multiarch folders, and what lies in those (libblas3 keeps its library in `blas`). */
async function findLibraryFolders(packageFolder: string): Promise<string[]> {
  const found: string[] = []
  for (const base of ['lib', 'usr/lib']) {
    const folder = join(packageFolder, base)
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    const multiarch = entries
      .filter((entry) => entry.isDirectory() && entry.name.includes('-linux-'))
      .map((entry) => join(folder, entry.name))
    const inside = await Promise.all(
      multiarch.map(async (parent) =>
        (await readdir(parent, { withFileTypes: true }))
          .filter((entry) => entry.isDirectory())
          .map((entry) => join(parent, entry.name)),
      ),
    )
    for (const candidate of [folder, ...multiarch, ...inside.flat()]) {
      if ((await readdir(candidate).catch(() => [])).some((file) => /\.so(\.|$)/.test(file)))
        found.push(candidate)
    }
  }
  return found
}

/** Asks the loader (ldd) which of the folders it takes a library from; a static program takes none. */
async function findUsedFolders(program: string, libraryFolders: readonly string[]): Promise<string[]> {
  const env = { ...process.env, LC_ALL: 'C', LD_LIBRARY_PATH: libraryFolders.join(':') }
  const { stdout } = await runProgram('ldd', [program], { timeoutMs: LDD_DEADLINE_MS, env })
  const missing = [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map(([, library]) => library)
  if (missing.length > 0) throw new Error(`${program} lacks ${[...new Set(missing)].join(', ')}`)
  return libraryFolders.filter((folder) => stdout.includes(` => ${folder}/`))
}

async function replace(folder: string, name: string, make: (draft: string) => Promise<void>): Promise<void> {
  await mkdir(folder, { recursive: true })
  const draft = join(folder, `.${name}.${process.pid}`)
  await rm(draft, { force: true })
  await make(draft)
  await rename(draft, join(folder, name))
}
