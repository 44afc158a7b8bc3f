import { access, constants } from 'node:fs/promises'
import { delimiter } from 'node:path'
import { runCommand } from './command.ts'

export type Possibility = { readonly possible: true } | { readonly possible: false; readonly reason: string }

const tools = ['unshare', 'nsenter', 'mount', 'sh', 'ip', 'nft', 'dnsmasq', 'snmpd', 'busybox'] as const

/** Whether this machine can run the lab, tried out in a throw-away namespace; the reason is one sentence. */
export async function isLabPossible(toolsPath?: string): Promise<Possibility> {
  if (process.platform !== 'linux') {
    return { possible: false, reason: `network namespaces need Linux, this is ${process.platform}` }
  }
  const env = labEnvironment(toolsPath)
  const missing: string[] = []
  for (const tool of tools) if (!(await isOnPath(tool, env.PATH ?? ''))) missing.push(tool)
  if (missing.length > 0) {
    return {
      possible: false,
      reason: `${missing.join(', ')} not found; "npm run setup" fetches what Debian has`,
    }
  }
  const trial = [
    'mount -t tmpfs tmpfs /run',
    'ip netns add trial',
    'ip link add trial0 type veth peer name trial1 netns trial',
    'nsenter --net=/run/netns/trial -- nft add table ip trial',
  ].join(' && ')
  const { code, stderr } = await runCommand(['unshare', ...unshareFlags(), 'sh', '-c', trial], {
    env,
    deadlineMs: 5_000,
  })
  if (code === 0) return { possible: true }
  const said = stderr.trim().split('\n')[0] ?? ''
  return { possible: false, reason: `this machine does not allow network namespaces (${said})` }
}

/** Own network, mounts and processes; when not root, also an own user namespace in which this user is root. */
export function unshareFlags(): readonly string[] {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
  return [...user, '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
}

/** The environment with the tools' folder first, and the folders for system programs, which not every user has. */
export function labEnvironment(toolsPath?: string): NodeJS.ProcessEnv {
  const folders = [toolsPath, process.env.PATH, '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  return {
    ...process.env,
    PATH: folders.filter((folder) => folder !== undefined && folder !== '').join(delimiter),
  }
}

async function isOnPath(program: string, path: string): Promise<boolean> {
  for (const folder of path.split(delimiter)) {
    try {
      await access(`${folder}/${program}`, constants.X_OK)
      return true
    } catch {
      // Look in the next one.
    }
  }
  return false
}
