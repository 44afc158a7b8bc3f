import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { journalRows, storedRows, surplus } from './fixture/side-journal.ts'
import { awaitIssues, canRunLab, quietly, useStack } from './fixture/stack.ts'

/** The rows of one telemetry batch of this Location: the most that a kill between commit and side journal can leave out of the journal. */
const rowsOfOneBatch = 16
const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1_000))

describe.skipIf(!canRunLab)('what survives kill -9 and a cut', () => {
  let journal = ''
  let store = ''
  const stack = useStack({
    hasBackupUplink: false,
    agentEnv: (dataDir) => {
      journal = join(dataDir, 'journal.jsonl')
      store = join(dataDir, 'ingest', 'metrics.sqlite')
      return { PROACTIVE_SPOOL_JOURNAL: journal }
    },
  })

  it('opens exactly one Issue for a fault although ingest, helpdesk and agent are killed in the middle', async () => {
    const { cloud, site } = stack()
    await quietly(stack(), 'fault', 'pos-down', 'pos-1')
    cloud.ingest.kill('SIGKILL')
    await cloud.ingest.exited
    await cloud.restart('ingest')
    cloud.helpdesk.kill('SIGKILL')
    await cloud.helpdesk.exited
    await cloud.restart('helpdesk')
    await awaitIssues(stack(), (issues) => issues.length > 0, 90_000)
    const { agent } = site
    await agent.kill('SIGKILL')
    await agent.exited
    await site.restartAgent()
    await quietly(stack(), 'heal', 'pos-down', 'pos-1')
    const issues = await awaitIssues(stack(), ([issue]) => issue?.status === 'Resolved', 120_000)
    expect(issues).toHaveLength(1)
    expect(issues[0]).toMatchObject({ ownerTeamName: 'POS Team', proactive: { faultClass: 'pos-down' } })
  })

  it('keeps what was measured while the WAN was cut for 20 s', async () => {
    await quietly(stack(), 'fault', 'wan-down', 'provider')
    // The cut itself is what is tried; there is no event to wait for.
    await seconds(20)
    await quietly(stack(), 'heal', 'wan-down', 'provider')
    await stack().awaitReady(60_000)
    expect((await stack().issues()).filter((issue) => issue.status !== 'Resolved')).toEqual([])
  })

  it('has every sample that the spool committed in the store, once', async () => {
    const committed = journalRows(journal)
    expect(committed.length).toBeGreaterThan(100)
    await expect
      .poll(() => surplus(committed, storedRows(store)), { timeout: 60_000, interval: 500 })
      .toEqual([])
    // What the store has beyond the journal was committed after the journal was read, or right before a kill.
    const stored = storedRows(store)
    expect(surplus(stored, journalRows(journal)).length).toBeLessThanOrEqual(rowsOfOneBatch)
  })
})
