import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestBroker } from '../../agent/src/testing/test-broker.ts'
import { names } from './topology.ts'

/** Writes what enrolment would have written: the broker's appliance, and where its cloud is. */
export function writeIdentity(folder: string, { identity }: TestBroker, mqttUrl: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { applianceId, locationId } = identity
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 })
  write('key.pem', identity.keyPem)
  write('certificate.pem', identity.certificatePem)
  write('ca.pem', identity.caPem)
  const about = { v: 1, applianceId, locationId, mqttUrl, enrollUrl: `https://${names.cloud}:8443` }
  write(
    'identity.json',
    JSON.stringify({ ...about, renewAfterMs: Date.now() + 86_400_000, claimFingerprint: 'test' }),
  )
}
