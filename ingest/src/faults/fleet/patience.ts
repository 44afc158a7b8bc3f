/** The waiting times and thresholds of the fleet's reducer, with their reasons. */
export const patience = {
  /** A suspicion stands this long before its Issue opens: verdicts of many agents come over some seconds, and what they share is seen best together. */
  formMs: 3_000,
  /** Troubles told within this time of each other may have one cause. */
  windowMs: 180_000,
  /** What comes together is told over at least this time (a probing cadence, a keepalive): no coincidence is judged by less. */
  leastWindowMs: 30_000,
  /** Fewer Locations than this never are one fault. */
  fewest: 3,
  /** Two that fall so close together wait so long for a third before either opens an Issue: the first of an outage are due before the last are missed. */
  pairApartMs: 12_000,
  pairMs: 6_000,
  /** Where two are as good as none: until the last of an outage were heard of, a keepalive and a half. */
  surePairMs: 16_000,
  surePairChance: 1e-3,
  /** A delay costs little: coincidences of two that are less likely than this wait. */
  pairChance: 1e-2,
  /** Company less likely than this is no coincidence. With ten thousand troubles a year, each judged by what four things share, a false one comes once in 25 years. */
  chance: 1e-6,
  /** A known outage takes in what turns up within this time of the last one, or at any time while half of the group is in trouble. */
  joinMs: 600_000,
  joinShare: 0.5,
  /** Another account of a parent must be shared by so many of its Locations, and be so much better (ten times as likely), before it takes the place of the present one. */
  sharedBy: 0.8,
  betterBy: Math.log(10),
  /** What a parent is gets asked at most so often. */
  reviewMs: 1_000,
  /** Whose own darkness was something else is let go so long after that was known, unless the others' word makes it the parent's; at once where the parent is surer than any one Location (logarithm of the odds). */
  doubtMs: 60_000,
  sureBy: Math.log(100_000),
  /** Mostly well: at most this share of its Locations, or two, are still in trouble. */
  restShare: 0.2,
  restCount: 2,
  /** What is still in trouble this long after most are well again has a fault of its own. */
  splitMs: 180_000,
  /** Everybody well for so long counts as recovered, and so much longer as over. */
  clearMs: 5_000,
  wellMs: 300_000,
  /** Least time between two updates of a parent. */
  updateMs: 60_000,
  /** What is known of chance before anything was seen: troubles a Location-day, and how many Location-days that is worth. */
  priorPerDay: 0.2,
  priorDays: 30,
} as const
