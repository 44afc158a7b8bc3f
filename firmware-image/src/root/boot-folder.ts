import { globSync } from 'node:fs'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FetchedPackage } from '../archive/suite.ts'
import type { Board } from '../boards.ts'
import { encodeScriptImage } from '../boot/script-image.ts'

const FOLDER = join(import.meta.dirname, '../..')

/** What a person finds on the card: the example of a configuration, and a page that says what to do with it. */
const files = ['proactive-example.json', 'READ-ME.txt'] as const

/** The FAT partition's content: the board's firmware, U-Boot and its script, and what people need. */
export async function makeBootFolder(
  folder: string,
  board: Board,
  packages: readonly FetchedPackage[],
): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const pattern of board.bootFiles) {
    const found = packages.flatMap((fetched) =>
      globSync(pattern, { cwd: fetched.folder }).map((path) => join(fetched.folder, path)),
    )
    if (found.length === 0) throw new Error(`no package has ${pattern}, which ${board.name} starts from`)
    for (const path of found) await copyFile(path, join(folder, basename(path)))
  }
  if (board.configTxt !== undefined) await writeFile(join(folder, 'config.txt'), board.configTxt)
  const script = await readFile(join(FOLDER, 'boot/boot.cmd'), 'utf8')
  await writeFile(join(folder, 'boot.scr'), encodeScriptImage(script, 0))
  for (const name of files) await copyFile(join(FOLDER, 'boot', name), join(folder, name))
}
