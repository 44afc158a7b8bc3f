import type { Demo } from '../stack/cloud.ts'
import { simulatedLabel } from '../stack/simulated-site.ts'

/** What `npm start` prints once the Location is inventoried: where, who, and what to try. */
export function readyBanner(facts: {
  readonly url: string
  readonly seconds: string
  readonly demo: Demo
  readonly store: string
  readonly hasBackupUplink: boolean
  /** The Location is in memory: this machine has no network namespaces. */
  readonly isSimulated: boolean
  readonly logDir: string
}): string {
  const width = Math.max(...facts.demo.users.map((user) => user.title.length))
  const mail = Math.max(...facts.demo.users.map((user) => user.email.length))
  const logIns = facts.demo.users.map(
    (user) =>
      `  ${user.title.padEnd(width)}  ${user.email.padEnd(mail)}  ${user.password}\n    sees ${user.sees}`,
  )
  const limit = facts.hasBackupUplink
    ? 'within 15 s'
    : 'within 60 s (no second way out: the Location goes dark)'
  const world = facts.isSimulated
    ? `The Location is a ${simulatedLabel}: no packet is sent; the agent core on it is the real one, and so is its connection to the cloud.`
    : "The Location is virtual (network namespaces), the agent in it is the real one; nothing is sent to this machine's own network."
  return `
ready after ${facts.seconds}: ${facts.url}

Log in as
${logIns.join('\n')}

Try, in another terminal:
  npm run lab -- fault router-down --wait    one Issue for the Network Team ${limit}
  npm run lab -- heal router-down --wait     it explains itself and is resolved
  npm run lab -- fault pos-down pos-1 --wait a terminal loses power: the POS Team's Issue within 30 s
  npm run lab -- status                      the virtual Location; --help lists all faults

${world}
Metrics go to ${facts.store}. Logs: ${facts.logDir}. Ctrl-C ends everything.
`
}
