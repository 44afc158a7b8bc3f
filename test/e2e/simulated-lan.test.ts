import { describe, expect, it } from 'vitest'
import { fault, heal, useStack } from './fixture/stack.ts'

describe('a machine without network namespaces', () => {
  const stack = useStack({ hasBackupUplink: true, isSimulated: true })

  it('shows the same Location as a simulated LAN, and says so on the page', async () => {
    const { hardware, devices } = await stack().location()
    expect(hardware).toBe('simulated LAN')
    expect(devices.map(({ device }) => device.name).toSorted()).toEqual(
      ['office-1', 'pos-1', 'pos-2', 'pos-3', 'printer-1', 'router', 'switch'].toSorted(),
    )
  })

  it('tells a dead router by the second way out, and resolves it', async () => {
    const report = await fault(stack(), 'router-down')
    expect(report.issues).toHaveLength(1)
    expect(report.childIssues).toBe(0)
    expect(report.issues[0]).toMatchObject({ team: 'Network Team' })
    expect(report.issues[0]?.seconds).toBeLessThanOrEqual(15)
    const healed = await heal(stack(), 'router-down')
    expect(healed.issues).toEqual([expect.objectContaining({ status: 'Resolved', cause: 'router-down' })])
  })

  // Keepalive, patience and boot take more than a minute of real time; virtual time covers the rest of it in each run.
  it.runIf(process.env.PROACTIVE_FULL === '1')(
    'goes dark in a power cut, and is explained when the power is back',
    async () => {
      const report = await fault(stack(), 'power-cut')
      expect(report.issues).toHaveLength(1)
      expect(report.issues[0]?.seconds).toBeLessThanOrEqual(60)
      const healed = await heal(stack(), 'power-cut')
      expect(healed.issues).toEqual([expect.objectContaining({ status: 'Resolved', cause: 'power-cut' })])
    },
  )
})
