import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { constants, zstdCompressSync } from 'node:zlib'
import type { Toolbox } from '../archive/toolbox.ts'
import { type CpioEntry, encodeCpio } from '../root/cpio.ts'
import { runTool } from '../root/tool.ts'

const ZSTD_LEVEL = 12

export interface InitrdOptions {
  readonly tools: Toolbox
  readonly busybox: string
  readonly init: string
  /** `usr/lib/modules/<version>` with its modules.dep. */
  readonly modulesFolder: string
  /** Names without `.ko`; what this kernel has built in, or lacks, is passed over. */
  readonly modules: readonly string[]
  readonly epoch: number
}

/** Busybox, a script and the modules that lead to the disk: 2 MB where Debian's usual initial RAM disk has 30. */
export async function makeInitrd(options: InitrdOptions): Promise<Buffer> {
  const { tools, busybox, init, modulesFolder, modules, epoch } = options
  const files = moduleOrder(await readFile(join(modulesFolder, 'modules.dep'), 'utf8'), modules)
  const folder = (path: string): CpioEntry => ({ path, kind: 'directory', mode: 0o755 })
  const file = (path: string, mode: number, data: Buffer): CpioEntry => ({ path, kind: 'file', mode, data })
  const names = files.map((path) => basename(path).replace(/\.xz$/, ''))
  const entries = [
    ...['bin', 'dev', 'modules', 'proc', 'run', 'sys', 'target'].map(folder),
    file('bin/busybox', 0o755, await readFile(busybox)),
    file('init', 0o755, await readFile(init)),
    file('modules/order', 0o644, Buffer.from(names.map((name) => `${name}\n`).join(''))),
  ]
  for (const [index, path] of files.entries()) {
    const data = await readModule(tools, join(modulesFolder, path))
    entries.push(file(`modules/${names[index]}`, 0o644, data))
  }
  const params = { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL }
  return zstdCompressSync(encodeCpio(entries, epoch), { params })
}

/** busybox would need more memory to unpack each module than the whole disk saves. */
async function readModule(tools: Toolbox, path: string): Promise<Buffer> {
  if (!path.endsWith('.xz')) return await readFile(path)
  const text = await runTool('sh', ['-c', 'xz -dc "$1" | base64 -w0', 'xz', path], { env: tools.env })
  return Buffer.from(text, 'base64')
}

/**
 * The wanted modules and all they need, each after what it needs, by `modules.dep`.
 * @returns paths below the modules folder
 */
export function moduleOrder(modulesDep: string, wanted: readonly string[]): string[] {
  const needsByPath = new Map(
    modulesDep
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => {
        const at = line.indexOf(':')
        return [
          line.slice(0, at),
          line
            .slice(at + 1)
            .trim()
            .split(' ')
            .filter(Boolean),
        ] as const
      }),
  )
  const pathByName = new Map([...needsByPath.keys()].map((path) => [moduleName(path), path]))
  const order: string[] = []
  const visit = (path: string) => {
    if (order.includes(path)) return
    for (const need of needsByPath.get(path) ?? []) visit(need)
    order.push(path)
  }
  for (const name of wanted) {
    const path = pathByName.get(moduleName(name))
    if (path !== undefined) visit(path)
  }
  return order
}

/** Modules are asked for with dashes or underscores alike. */
export const moduleName = (path: string): string =>
  basename(path)
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_')
