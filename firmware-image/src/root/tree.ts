import { existsSync, globSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FetchedPackage } from '../archive/suite.ts'
import { runTool } from './tool.ts'

/** What no appliance reads. The copyright notices stay: the packages' licences ask for it. */
const dropped = [
  'usr/share/{man,info,lintian,locale,bug,bash-completion,zsh,doc-base,polkit-1,menu,pixmaps,applications,gdb,i18n,initramfs-tools,reportbug,readline,dictionaries-common,common-licenses}',
  'usr/lib/*/gconv',
  'usr/lib/*/perl*',
  'usr/share/perl*',
  'usr/lib/linux-image-*',
  'usr/lib/modules/*/dtb',
  'usr/lib/raspi-firmware',
  'usr/lib/u-boot',
  'usr/share/fonts',
  'usr/lib/locale',
  'usr/lib/{apt,dpkg,init,kernel}',
  'usr/lib/valgrind',
  'usr/include',
  'etc/{cron.daily,cron.weekly,cron.d,default,init.d,rc?.d,rcS.d,logrotate.d,pam.d,update-motd.d,kernel,initramfs,apt,dpkg,skel,xdg,profile.d,terminfo,opt}',
  'etc/{issue,issue.net,motd,bash.bashrc,legal,dpkg}',
  'boot',
  'var/*',
] as const

/** Doors for people at a keyboard, and programs that lend root's rights: the appliance has neither. */
const forbidden = [
  'usr/lib/systemd/system/{getty@,serial-getty@,console-getty,container-getty@,getty-static,debug-shell,autovt@,emergency,rescue}.service',
  'usr/lib/systemd/system/getty.target.wants',
  'usr/lib/systemd/system-generators/{systemd-getty-generator,systemd-sysv-generator,systemd-rc-local-generator,systemd-ssh-generator,systemd-run-generator}',
  'usr/{bin,sbin}/{agetty,getty,login,sulogin,su,newgrp,chsh,chfn,passwd,runuser,sshd,sg,setpriv}',
  'usr/lib/systemd/systemd-sulogin-shell',
  'usr/lib/ssh',
  'usr/lib/openssh',
] as const

/** Puts the packages' files together in one tree: hard links, so that it costs neither time nor room. */
export async function mergePackages(
  tree: string,
  packages: readonly FetchedPackage[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await mkdir(tree, { recursive: true })
  // base-files brings the links from /bin, /lib and /sbin into /usr.
  const first = packages.filter(({ name }) => name === 'base-files')
  for (const { folder } of [...first, ...packages.filter(({ name }) => name !== 'base-files')])
    await runTool('cp', ['-al', '--force', `${folder}/.`, tree], { env })
}

/** Removes what is not wanted; `usr/lib/modules` is looked after elsewhere. */
export async function prune(tree: string): Promise<void> {
  for (const pattern of [...dropped, ...forbidden]) {
    for (const path of globSync(pattern, { cwd: tree }))
      await rm(join(tree, path), { recursive: true, force: true })
  }
  for (const folder of globSync('usr/share/doc/*', { cwd: tree })) {
    for (const entry of await readdir(join(tree, folder)).catch(() => []))
      if (entry !== 'copyright') await rm(join(tree, folder, entry), { recursive: true, force: true })
  }
}

/**
 * Lays our own files over the tree, then the symbolic links of `<folder>.links` (`path -> target`, enabled and masked services
 * among them). What is there already is replaced, never written into: it may be a hard link.
 */
export async function overlay(tree: string, folder: string): Promise<void> {
  if (!existsSync(folder)) return
  for (const path of globSync('**/*', { cwd: folder, withFileTypes: true })) {
    if (path.isDirectory()) continue
    const from = join(path.parentPath, path.name)
    await putFile(tree, from.slice(folder.length + 1), from)
  }
  const links = await readFile(`${folder}.links`, 'utf8').catch(() => '')
  for (const [, name = '', target = ''] of links.matchAll(/^(\S+) -> (\S+)$/gm)) {
    await mkdir(dirname(join(tree, name)), { recursive: true })
    await rm(join(tree, name), { recursive: true, force: true })
    await symlink(target, join(tree, name))
  }
}

async function putFile(tree: string, name: string, from: string): Promise<void> {
  const to = join(tree, name)
  await mkdir(dirname(to), { recursive: true })
  await rm(to, { recursive: true, force: true })
  await cp(from, to, { verbatimSymlinks: true })
}

/** Replaces one file of the tree. */
export async function putText(
  tree: string,
  name: string,
  text: string | Buffer,
  mode = 0o644,
): Promise<void> {
  const to = join(tree, name)
  await mkdir(dirname(to), { recursive: true })
  await rm(to, { force: true })
  await writeFile(to, text, { mode })
}

/** Folders that only exist to be mounted over. */
export async function addMountPoints(tree: string): Promise<void> {
  for (const folder of ['bootfs', 'data', 'dev', 'proc', 'root', 'run', 'sys', 'tmp', 'var', 'boot'])
    await mkdir(join(tree, folder), { recursive: true })
}

/** The one version below `usr/lib/modules`. */
export async function kernelVersionOf(tree: string): Promise<string> {
  const versions = await readdir(join(tree, 'usr/lib/modules'))
  const [version] = versions
  if (version === undefined || versions.length !== 1)
    throw new Error(`the kernel's packages hold ${versions.length} versions; one is wanted`)
  return version
}

/** Fills `${NAME}` in a text file of the tree. */
export async function fillIn(
  tree: string,
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const text = await readFile(join(tree, name), 'utf8')
  await putText(
    tree,
    name,
    text.replaceAll(/\$\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole),
  )
}
