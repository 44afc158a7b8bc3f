import { describe, expect, it } from 'vitest'
import { readyBanner } from './banner.ts'

const facts = {
  url: 'http://127.0.0.1:8080',
  seconds: '5.0 s',
  demo: {
    locationId: 'loc-1',
    users: [
      { title: 'Technician', sees: 'devices', email: 't@proactive.example', password: 'secret-1' },
      {
        title: 'POS Team, Tillwise POS',
        sees: 'its Issues',
        email: 'p@tillwise.example',
        password: 'secret-2',
      },
    ],
  },
  store: 'InfluxDB',
  hasBackupUplink: false,
  isSimulated: false,
  logDir: '/data/logs',
}

describe('what npm start prints when it is ready', () => {
  it('tells beside each log-in what it sees', () => {
    expect(readyBanner(facts)).toMatch(/secret-1\n +sees devices\n.*secret-2\n +sees its Issues\n/)
  })

  it('waits for the Issue in every fault and heal it proposes', () => {
    const proposals = readyBanner(facts).match(/npm run lab -- (fault|heal) .*/g) ?? []
    expect(proposals.length).toBe(3)
    for (const proposal of proposals) expect(proposal).toContain('--wait ')
  })
})
