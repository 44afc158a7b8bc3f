/** What the appliance has to tell a person who looks at the card, or at its screen. */
export interface Status {
  readonly state:
    | 'no-config'
    | 'bad-config'
    | 'waiting-for-claim'
    | 'claiming'
    | 'claim-refused'
    | 'claimed'
    | 'reset-done'
    | 'update'
    | 'data-lost'
  /** A sentence more, such as what the cloud answered. */
  readonly detail?: string
  readonly problems?: readonly string[]
}

export interface Box {
  readonly version: string
  readonly slot: string
  readonly addresses: readonly string[]
  readonly nowMs: number
}

const sentenceByState: Readonly<Record<Status['state'], string>> = {
  'no-config':
    'This appliance has no configuration: put proactive.json with the claim of the Location on this drive and start it again.',
  'bad-config': 'proactive.json has mistakes: correct them and start the appliance again.',
  'waiting-for-claim':
    'This appliance belongs to no Location: put the claim of one into proactive.json and start it again.',
  claiming: 'This appliance is claiming itself for its Location.',
  'claim-refused':
    'The claim did not work: make a new one in the cloud, put it into proactive.json and start the appliance again.',
  claimed: 'This appliance belongs to its Location and works.',
  'reset-done': 'This appliance was reset: it has forgotten its Location, its keys and its data.',
  update: 'An update was looked at.',
  'data-lost': 'The data partition cannot be used: put the card’s image on a new card.',
}

/** The text of `proactive-status.txt`, with the line ends that every editor shows. */
export function formatStatus(status: Status, box: Box): string {
  const time = new Date(box.nowMs).toISOString().slice(0, 16).replace('T', ' ')
  const lines = [
    `Proactive appliance ${box.version}, slot ${box.slot}, ${time} UTC`,
    sentenceByState[status.state],
    ...(status.detail === undefined ? [] : [status.detail]),
    ...(status.problems ?? []).map((problem) => `- ${problem}`),
    `Addresses: ${box.addresses.join(', ') || 'none yet'}`,
  ]
  return `${lines.join('\r\n')}\r\n`
}

/** The same for the console, a line each. */
export function consoleLines(status: Status, box: Box): string[] {
  return formatStatus(status, box)
    .trimEnd()
    .split('\r\n')
    .map((line) => `proactive: ${line}`)
}
