import { describe, expect, it } from 'vitest'
import { type NotificationMessage, slackBody, subjectOf, teamsBody, textOf } from './message.ts'
import { eventToTell } from './queue.ts'

const message: NotificationMessage = {
  v: 1,
  event: 'opened',
  incidentKey: 'px-test',
  locationId: 'loc-1',
  locationName: '<script>alert(1)</script> & Co',
  customerName: 'Corner *shop*',
  timeZone: 'Europe/Berlin',
  faultClass: 'router-down',
  severity: 'critical',
  headline: '[Router](https://evil.example) unreachable <!channel>',
  diagnosis: 'It answers nothing. <@U123> | `x`',
  startedAtMs: Date.UTC(2026, 10, 22, 13, 2),
  url: 'https://console.example/locations/loc-1',
}

describe('what channels are told', () => {
  it('is plain in mail, in the Location’s time', () => {
    expect(subjectOf(message)).toMatch(/^New: /)
    expect(textOf(message)).toContain('Since: 22 Nov 2026, 14:02 (Europe/Berlin)')
  })

  it('cannot mention, link or mark up anything by a name in Slack or Teams', () => {
    const slack = slackBody(message)
    expect(slack).not.toContain('<!channel>')
    expect(slack).not.toContain('<@U123>')
    expect(JSON.parse(slack).text).toContain('&lt;!channel&gt;')
    const [, text] = JSON.parse(teamsBody(message)).attachments[0].content.body
    expect(text.text).toBe('It answers nothing. \\<@U123\\> \\| \\`x\\`')
    expect(JSON.parse(teamsBody(message)).attachments[0].content.body[0].text).toContain(
      '\\[Router\\]\\(https',
    )
  })
})

describe('who is told of what', () => {
  const channel = { min_severity: 'medium', location_ids: null, tells_recovery: 1 }
  const report = { locationId: 'loc-1', severity: 'high', state: 'open', faultClass: 'router-down' } as const
  const opened = { event: 'opened', fault_class: 'router-down' }

  it.each([
    ['an opening', channel, report, [], 'opened'],
    ['an opening below its severity', { ...channel, min_severity: 'critical' }, report, [], undefined],
    ['another Location', { ...channel, location_ids: '["loc-2"]' }, report, [], undefined],
    ['its own Location', { ...channel, location_ids: '["loc-1"]' }, report, [], 'opened'],
    ['the same again', channel, report, [opened], undefined],
    ['a cause that moved', channel, { ...report, faultClass: 'provider-down' }, [opened], 'moved'],
    ['a recovery on trial', channel, { ...report, state: 'recovering' }, [opened], undefined],
    ['a recovery', channel, { ...report, state: 'closed' }, [opened], 'recovered'],
    ['a recovery of what it never heard of', channel, { ...report, state: 'closed' }, [], undefined],
    [
      'a recovery it does not want',
      { ...channel, tells_recovery: 0 },
      { ...report, state: 'closed' },
      [opened],
      undefined,
    ],
    [
      'the same recovery again',
      channel,
      { ...report, state: 'closed' },
      [opened, { ...opened, event: 'recovered' }],
      undefined,
    ],
    [
      'a fault that goes on in another incident',
      channel,
      { ...report, state: 'closed', endedBy: 'folded' },
      [opened],
      undefined,
    ],
    ['planned work', channel, { ...report, issueHeldBy: 'maintenance' }, [], undefined],
  ] as const)('%s', (_what, of, about, told, event) => {
    expect(eventToTell(of, about, told)).toBe(event)
  })
})
