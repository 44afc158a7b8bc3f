import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openIdentityStore } from './adapters/identity-store.ts'
import { createAgent } from './agent.ts'
import { examine } from './doctor.ts'
import { type Log, silentLog } from './ports/index.ts'
import { startRenewal } from './renewal.ts'
import { settingsSchema } from './settings/settings.ts'
import { statusText } from './status-text.ts'
import { createTestCertificate } from './testing/certificates.ts'
import { createManualScheduler } from './testing/manual-scheduler.ts'
import { createPaperShop } from './testing/paper-shop.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'proactive-renewal-'))
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const endsAtMs = Date.parse('2026-03-01T12:00:00Z')
const sentence =
  /^The certificate of this appliance ended on 2026-03-01 .* run "proactive-agent claim <bundle>"/

describe('a certificate that ended while the appliance was off', () => {
  it('is told in one sentence with the fix, by log, status and doctor; nobody is asked to renew it', async () => {
    const store = openIdentityStore(dataDir)
    const { keyPem, certificatePem } = createTestCertificate('ap-1', { endsAtMs })
    store.writeKey(keyPem)
    const answer = { applianceId: 'ap-1', locationId: 'loc-1', mqttUrl: 'mqtts://127.0.0.1:1' }
    store.write(
      { ...answer, certificatePem, caPem: certificatePem, renewAfterMs: endsAtMs - 1 },
      { enrollUrl: 'https://127.0.0.1:1', claimFingerprint: 'f' },
    )

    const told: string[] = []
    const tell = (_: object, text: string) => void told.push(text)
    const log: Log = { ...silentLog, error: tell, warn: tell }
    startRenewal(store, log, () => endsAtMs + 1)()
    // A try would have ended in a warning: nobody listens there.
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(told).toEqual([expect.stringMatching(sentence)])

    const world = createPaperShop(createManualScheduler(endsAtMs - 1_000), [])
    const agent = createAgent({ ...world.deps, certificateEndMs: () => endsAtMs })
    expect(agent.status().claimAnew).toBeNull()
    const late = createPaperShop(createManualScheduler(endsAtMs + 1_000), [])
    const status = createAgent({ ...late.deps, certificateEndMs: () => endsAtMs }).status()
    expect(statusText(status).split('\n')[1]).toMatch(sentence)

    const settings = settingsSchema.parse({})
    const installation = { dataDir, settingsFile: 'agent.json', settings, bootIdFile: '' }
    const findings = examine(installation, [], {})
    const identity = findings.find(({ check }) => check === 'identity')
    expect(identity).toMatchObject({ state: 'fail', sentence: expect.stringMatching(sentence) })
  })
})
