/** From so few days on an end is worth a look: a month is what a renewal may take that somebody must ask for. */
const soonDays = 30

/** How a certificate stands by its whole days left; below 0 it has ended. */
export function certificateStanding(days: number): 'good' | 'soon' | 'ended' {
  if (days < 0) return 'ended'
  return days < soonDays ? 'soon' : 'good'
}
