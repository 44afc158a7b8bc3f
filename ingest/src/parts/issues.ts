import { createDirectoryFeed } from '../directory/index.ts'
import {
  createDirectoryFacts,
  createHelpdeskFromConfig,
  createIssueContext,
  createIssueDesk,
  defaultGuards,
  type IssueDesk,
} from '../issues/index.ts'
import { createMerchantDesk, type MerchantDesk } from '../merchant/desk.ts'
import type { Channels } from './channels.ts'
import type { Runtime } from './runtime.ts'
import type { Stores } from './stores.ts'
import type { Views } from './views.ts'

/** Where the embedded helpdesk listens unless it is told otherwise. */
const standardHelpdeskUrl = 'http://127.0.0.1:8090'

/** The way of incidents to the helpdesk. */
export interface Issues {
  readonly desk: IssueDesk
  /** Origin of the embedded helpdesk; behind it `/helpdesk/api` answers that it is not there where a foreign one is used. */
  readonly helpdeskUrl: string
  /** Undefined = a foreign helpdesk, which takes no words of merchants. */
  readonly merchantDesk: MerchantDesk | undefined
}

/** Starts the desk that opens, moves and resolves Issues, and the feed by which the embedded helpdesk follows the directory. */
export async function startIssues(
  { config, metrics, stops, nowMs, child }: Runtime,
  { database, directory, tokens }: Stores,
  { feed, projections }: Views,
  { notifier }: Channels,
): Promise<Issues> {
  const { db } = database
  const serviceToken = () => tokens.sign('service')
  const helpdesk = createHelpdeskFromConfig(config.helpdesk, {
    tokens: { serviceToken },
    context: createIssueContext({ db, directory }),
    nowMs,
  })
  stops.add('helpdesk client', () => helpdesk.stop())
  const desk = createIssueDesk({
    db,
    helpdesk,
    facts: createDirectoryFacts({ db, directory }),
    projectIncident: async (trx, report) => {
      await projections.projectIncident(trx, report)
      await notifier.queue(trx, report)
    },
    announceIncident: projections.announceIncident,
    publish: (event) => feed.publish(event),
    registry: metrics,
    log: child('issues'),
    nowMs,
    random: Math.random,
    coalesceMs: config.profile === 'lab' ? 5_000 : 300_000,
    // In the lab the same terminal is broken over and over, on purpose.
    guards: config.profile === 'lab' ? { ...defaultGuards, maxOpensPerSubjectAndDay: 10_000 } : defaultGuards,
  })
  stops.add('issues', () => desk.stop())
  await desk.start()

  const isEmbedded = config.helpdesk.kind === 'embedded'
  const helpdeskUrl = isEmbedded ? config.helpdesk.url : standardHelpdeskUrl
  const directoryFeed = createDirectoryFeed({
    changes: directory.changes,
    journal: directory.journal,
    helpdeskUrl,
    token: serviceToken,
    onState: ({ isCaughtUp, failure: err }) =>
      err === undefined
        ? child('directory').info({ isCaughtUp }, 'the helpdesk follows the directory')
        : child('directory').warn({ err }, 'the helpdesk does not follow the directory; it is tried again'),
  })
  stops.add('directory feed', () => directoryFeed.stop())
  // A foreign helpdesk keeps no copy of the directory.
  if (isEmbedded) directoryFeed.start()
  return {
    desk,
    helpdeskUrl,
    merchantDesk: isEmbedded ? createMerchantDesk(helpdeskUrl, serviceToken) : undefined,
  }
}
