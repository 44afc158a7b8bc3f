import type { Toolbox } from '../../firmware-image/src/archive/toolbox.ts'
import { runTool } from '../../firmware-image/src/root/tool.ts'

/** What a slot's file system holds that could let somebody in, and how large it is. */
export interface RootFindings {
  readonly files: number
  readonly usedBytes: number
  readonly setuid: readonly string[]
  /** Programs and units for logging in. */
  readonly doors: readonly string[]
  readonly openAccounts: readonly string[]
  readonly privateKeys: readonly string[]
}

const doorPattern =
  /\/(sshd?|dropbear|agetty|getty|login|sulogin|su|sudo|pkexec|telnetd|in\.telnetd|(serial-|console-|container-)?getty(-static)?@?\.service|debug-shell\.service|ssh\.service)$/
const keyPattern = /\.(key|p12|pfx)$|\/(id_[a-z0-9]+|.*private.*\.pem)$/

/** Reads an ext4 image without mounting it: its tar-like listing by debugfs, its accounts by name. */
export async function inspectRoot(tools: Toolbox, image: string): Promise<RootFindings> {
  const files = await listFiles(tools, image, '/')
  const read = (path: string) => runTool('debugfs', ['-R', `cat ${path}`, image], { env: tools.env })
  const superblock = await runTool('debugfs', ['-R', 'stats -h', image], { env: tools.env })
  const figure = (name: string) => Number(superblock.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))?.[1])
  const passwd = (await read('/etc/passwd')).trim().split('\n')
  const shadow = (await read('/etc/shadow')).trim().split('\n')
  return {
    files: files.length,
    usedBytes: (figure('Block count') - figure('Free blocks')) * figure('Block size'),
    setuid: files.filter(({ mode }) => (mode & 0o6000) !== 0).map(({ path }) => path),
    doors: files.filter(({ path, isMask }) => doorPattern.test(path) && !isMask).map(({ path }) => path),
    openAccounts: [
      ...passwd.filter((line) => !/:\/usr\/sbin\/nologin$/.test(line)),
      ...shadow.filter((line) => !/^[^:]+:!?\*:/.test(line)),
    ],
    privateKeys: files.filter(({ path }) => keyPattern.test(path)).map(({ path }) => path),
  }
}

interface ListedFile {
  readonly path: string
  readonly mode: number
  /** A link to /dev/null: the unit is switched off. */
  readonly isMask: boolean
}

/** Walks the image with `ls -p`, one call of debugfs per level of folders. */
async function listFiles(tools: Toolbox, image: string, top: string): Promise<ListedFile[]> {
  const found: ListedFile[] = []
  for (let folders = [top]; folders.length > 0; ) {
    const commands = folders.map((folder) => `ls -p "${folder}"\n`).join('')
    const text = await runTool('sh', ['-c', 'printf %s "$1" | debugfs -f - "$2"', 'list', commands, image], {
      env: tools.env,
    })
    const next: string[] = []
    let folder = ''
    for (const line of text.split('\n')) {
      const command = line.match(/^debugfs: ls -p "(.*)"$/)
      if (command) folder = command[1] === '/' ? '' : (command[1] ?? '')
      // /inode/mode/uid/gid/name/size/
      const [, , octal = '', , , name = ''] = line.startsWith('/') ? line.split('/') : []
      if (name === '' || name === '.' || name === '..' || name === 'lost+found') continue
      const mode = Number.parseInt(octal, 8)
      const path = `${folder}/${name}`
      if ((mode & 0o170000) === 0o040000) next.push(path)
      else found.push({ path, mode: mode & 0o7777, isMask: (mode & 0o170000) === 0o120000 })
    }
    folders = next
  }
  return found
}
