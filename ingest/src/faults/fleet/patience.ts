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
  /** Coincidences less likely than this are none. With some ten thousand troubles a year judged, a false one comes once in a century. */
  chance: 1e-6,
  /** A known outage takes in what turns up within this time of the last one, or at any time while half of the group is in trouble. */
  joinMs: 600_000,
  joinShare: 0.5,
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
