import { existsSync } from 'node:fs'
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Toolbox } from '../archive/toolbox.ts'
import { runTool } from '../root/tool.ts'

/** What signs updates: the appliance trusts `ca`, the signer's certificate comes from it. */
export interface SigningKeys {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

const names = { ca: 'ca.pem', certificate: 'sign.pem', key: 'sign.key' } as const

/** Keys somebody keeps: a folder with `ca.pem`, `sign.pem` and `sign.key`. @throws Error naming the missing file */
export function keysIn(folder: string): SigningKeys {
  const keys = {
    ca: join(folder, names.ca),
    certificate: join(folder, names.certificate),
    key: join(folder, names.key),
  }
  for (const file of Object.values(keys))
    if (!existsSync(file))
      throw new Error(`${file} is missing: a folder of signing keys holds ca.pem, sign.pem and sign.key.`)
  return keys
}

/**
 * Keys for test images, made at the first build into a folder that git ignores. An image with them says `test` in what it is
 * compatible with, so that it and released images never take each other's updates.
 */
export async function ensureTestKeys(tools: Toolbox, folder: string): Promise<SigningKeys> {
  if (!existsSync(join(folder, names.key))) {
    const draft = `${folder}.${process.pid}`
    await makeKeys(tools, draft, 'Proactive test updates')
    await rm(folder, { recursive: true, force: true })
    await rename(draft, folder)
  }
  return keysIn(folder)
}

/** Makes a certificate authority and a signer below it; the authority's key is thrown away. */
export async function makeKeys(tools: Toolbox, folder: string, subject: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const at = (name: string) => join(folder, name)
  await writeFile(
    at('openssl.cnf'),
    `[req]
distinguished_name = dn
prompt = no
[dn]
O = ${subject}
[ca]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,codeSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`,
  )
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc']
  const openssl = (...args: string[]) => runTool('openssl', args, { env: tools.env })
  const config = ['-config', at('openssl.cnf')]
  const years = ['-days', '3650']
  await openssl(
    'req',
    '-x509',
    ...newKey,
    ...config,
    '-extensions',
    'ca',
    '-subj',
    `/O=${subject}/CN=root`,
    ...years,
    '-keyout',
    at('ca.key'),
    '-out',
    at(names.ca),
  )
  await openssl(
    'req',
    '-new',
    ...newKey,
    ...config,
    '-subj',
    `/O=${subject}/CN=signer`,
    '-keyout',
    at(names.key),
    '-out',
    at('sign.csr'),
  )
  await openssl(
    'x509',
    '-req',
    '-in',
    at('sign.csr'),
    '-CA',
    at(names.ca),
    '-CAkey',
    at('ca.key'),
    ...years,
    '-extfile',
    at('openssl.cnf'),
    '-extensions',
    'signer',
    '-out',
    at(names.certificate),
  )
  await chmod(at(names.key), 0o600)
  for (const leftover of ['ca.key', 'sign.csr', 'openssl.cnf']) await rm(at(leftover))
}
