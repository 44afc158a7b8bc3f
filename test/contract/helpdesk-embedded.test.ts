import { createEmbeddedHelpdesk } from '../../ingest/src/issues/embedded-helpdesk.ts'
import { startIssueStack } from '../../ingest/src/issues/issue-stack-fixture.ts'
import { helpdeskContract } from './helpdesk.ts'

helpdeskContract('the embedded one', async () => {
  const stack = await startIssueStack()
  const made: { stop(): Promise<void> }[] = []
  const adapter = (url = stack.helpdeskUrl()) => {
    const helpdesk = stack.helpdeskAt(url, 5_000)
    made.push(helpdesk)
    return helpdesk
  }
  const withToken = (token: string) => {
    const helpdesk = createEmbeddedHelpdesk({
      url: stack.helpdeskUrl(),
      tokens: { serviceToken: () => token },
    })
    made.push(helpdesk)
    return helpdesk
  }
  const asAgent = async (number: number, what: string, body?: unknown) => {
    const answer = await stack.call(
      `/api/issues/issue-${number}/${what}`,
      stack.person('network'),
      'POST',
      body,
    )
    if (answer.status >= 300) throw new Error(`${what}: ${JSON.stringify(answer)}`)
  }
  return {
    helpdesk: adapter(),
    again: () => adapter(),
    person: {
      claim: (number) => asAgent(number, 'claim'),
      say: (number, text) => asAgent(number, 'entries', { room: 'log', body: text }),
      resolve: (number) => asAgent(number, 'resolve', { resolution: 'Completed', text: '' }),
    },
    said: (number) => stack.entries(`issue-${number}`, 'network'),
    wrong: [
      {
        what: 'token',
        helpdesk: withToken('nonsense'),
        says: /does not work: A valid actor token is needed/,
      },
      { what: 'address', helpdesk: adapter('http://127.0.0.1:1'), says: /ECONNREFUSED/ },
    ],
    async stop() {
      for (const helpdesk of made) await helpdesk.stop()
      await stack.stop()
    },
  }
})
