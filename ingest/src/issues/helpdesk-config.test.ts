import { describe, expect, it } from 'vitest'
import { loadHelpdeskConfig } from './helpdesk-config.ts'

const teams = '{"team-network":"Network"}'

describe('the configuration of the helpdesk', () => {
  it('is the embedded one unless told otherwise', () => {
    expect(loadHelpdeskConfig({})).toMatchObject({ kind: 'embedded', url: 'http://127.0.0.1:8090' })
  })

  it('reads a tracker with its Teams', () => {
    const config = loadHelpdeskConfig({
      PROACTIVE_HELPDESK_KIND: 'request-tracker',
      PROACTIVE_HELPDESK_URL: 'https://rt.example.com',
      PROACTIVE_HELPDESK_TOKEN: '1-28-0123456789abcdef',
      PROACTIVE_HELPDESK_TEAMS: teams,
    })
    expect(config.deskByTeam.get('team-network')).toBe('Network')
    expect(config.keyField).toBe('ProactiveKey')
  })

  it.each([
    [
      { PROACTIVE_HELPDESK_KIND: 'redmine' },
      /PROACTIVE_HELPDESK_URL[\s\S]*PROACTIVE_HELPDESK_TOKEN[\s\S]*PROACTIVE_HELPDESK_TEAMS/,
    ],
    [{ PROACTIVE_HELPDESK_KIND: 'jira' }, /PROACTIVE_HELPDESK_KIND/],
    [{ PROACTIVE_HELPDESK_TEAMS: 'Network' }, /must be JSON/],
    [{ PROACTIVE_HELPDESK_KIND: 'webhook', PROACTIVE_HELPDESK_TOKEN: 'short' }, /at least 16/],
    [{ PROACTIVE_HELPDESK_KEY_FIELD: "'; drop" }, /PROACTIVE_HELPDESK_KEY_FIELD/],
  ])('refuses %j with the variable to change', (env, sentence) => {
    expect(() => loadHelpdeskConfig(env)).toThrow(sentence)
  })
})
