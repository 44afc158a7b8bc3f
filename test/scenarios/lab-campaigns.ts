/** One fault of the lab's catalogue, and what must be said of it: on the real lab and in the simulation alike. */
export interface Trial {
  readonly words: readonly string[]
  /** What the Issue says in the end; for a dark Location, after it is back. Null = no Issue may open. */
  readonly cause: string | null
  readonly team: string
  readonly limitSeconds: number | null
}

const network = 'Network Team'
const pos = 'POS Team'
const trial = (words: string, cause: string, team: string, limitSeconds: number): Trial => ({
  words: words.split(' '),
  cause,
  team,
  limitSeconds,
})
const harmless = (words: string): Trial => ({
  words: words.split(' '),
  cause: null,
  team: '',
  limitSeconds: null,
})

/** Each campaign has a Location of its own; they run side by side. */
export const campaigns: readonly { name: string; hasBackupUplink: boolean; trials: readonly Trial[] }[] = [
  {
    name: 'router and WAN with a second way out',
    hasBackupUplink: true,
    trials: [
      trial('router-down', 'router-down', network, 15),
      trial('wan-down link', 'wan-link-down', network, 15),
      trial('wan-down provider', 'provider-down', network, 15),
    ],
  },
  {
    name: 'terminals',
    hasBackupUplink: false,
    trials: [trial('pos-down pos-1', 'pos-down', pos, 30), trial('pos-down pos-2', 'pos-down', pos, 30)],
  },
  {
    name: 'switch, payment path, DNS',
    hasBackupUplink: false,
    trials: [
      trial('switch-down', 'switch-down', network, 30),
      trial('processor-down', 'payment-path-failing', 'Payments Team', 75),
      trial('dns-down', 'dns-failing', network, 75),
    ],
  },
  {
    name: 'line and addresses',
    hasBackupUplink: true,
    trials: [
      trial('wan-loss 30', 'wan-degraded', network, 75),
      trial('ip-conflict pos-1', 'ip-conflict', network, 75),
    ],
  },
  {
    name: 'line with one way out',
    hasBackupUplink: false,
    trials: [trial('wan-loss 30', 'wan-degraded', network, 75)],
  },
  {
    name: 'dark by router',
    hasBackupUplink: false,
    trials: [trial('router-down', 'router-down', network, 60)],
  },
  {
    name: 'dark by provider',
    hasBackupUplink: false,
    trials: [trial('wan-down provider', 'provider-down', network, 60)],
  },
  { name: 'dark by power', hasBackupUplink: false, trials: [trial('power-cut', 'power-cut', network, 60)] },
  {
    name: 'no fault at all',
    hasBackupUplink: false,
    trials: [
      harmless('pos-sleep pos-3'),
      harmless('pos-restart pos-1'),
      harmless('roam office-1'),
      harmless('new-device'),
    ],
  },
]
