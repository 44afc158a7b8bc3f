import { ContractError } from './errors.ts'

/** What travels below `proactive/v1/<location>/<appliance>/`; direction as seen from the appliance. */
export const upKinds = ['status', 'birth', 'telemetry', 'observation', 'reported', 'result'] as const
export const downKinds = ['desired', 'command', 'seen'] as const
/** What an appliance subscribes to; `seen` is handed to it without, so that older agents and older clouds do not stumble over it. */
export const subscribedKinds = ['desired', 'command'] as const
export const topicKinds = [...upKinds, ...downKinds] as const
export type UpKind = (typeof upKinds)[number]
export type DownKind = (typeof downKinds)[number]
export type TopicKind = (typeof topicKinds)[number]

/** A topic's parts. Location and appliance are tokens `[A-Za-z0-9_-]{1,64}`, safe in MQTT topics and NATS subjects alike. */
export interface Topic {
  readonly locationId: string
  readonly applianceId: string
  readonly kind: TopicKind
}

const prefix = 'proactive/v1'
export const topicTokenPattern = /^[A-Za-z0-9_-]{1,64}$/

/** Builds `proactive/v1/<location>/<appliance>/<kind>`. @throws ContractError `topic-invalid` where an id is no topic token. */
export function formatTopic({ locationId, applianceId, kind }: Topic): string {
  for (const token of [locationId, applianceId]) {
    if (!topicTokenPattern.test(token)) {
      throw new ContractError(
        'topic-invalid',
        `"${token.slice(0, 80)}" cannot be part of a topic: use A-Z a-z 0-9 _ - only`,
      )
    }
  }
  return `${prefix}/${locationId}/${applianceId}/${kind}`
}

/** Reads a topic; undefined where it is not one of ours (wrong prefix, level count, token or kind). */
export function safeParseTopic(topic: string): Topic | undefined {
  if (topic.length > 200) return undefined
  const [root, version, locationId, applianceId, kind, ...rest] = topic.split('/')
  if (rest.length > 0 || `${root}/${version}` !== prefix) return undefined
  if (locationId === undefined || applianceId === undefined || !isTopicKind(kind)) return undefined
  if (!topicTokenPattern.test(locationId) || !topicTokenPattern.test(applianceId)) return undefined
  return { locationId, applianceId, kind }
}

/** Reads a topic. @throws ContractError `topic-invalid`. */
export function parseTopic(topic: string): Topic {
  const parsed = safeParseTopic(topic)
  if (parsed === undefined)
    throw new ContractError('topic-invalid', `not a Proactive topic: "${topic.slice(0, 200)}"`)
  return parsed
}

export function isUpKind(kind: TopicKind): kind is UpKind {
  return (upKinds as readonly string[]).includes(kind)
}

function isTopicKind(kind: string | undefined): kind is TopicKind {
  return (topicKinds as readonly (string | undefined)[]).includes(kind)
}
