/**
 * The week a device keeps: for each of its 168 hours whether it was there all through, in the last four weeks that were watched.
 * An hour is a number: a leading 1, then one bit for each watched week, the newest last; 1 = never watched, 31 = there in all four.
 * In text a run of equal hours is its length and one letter, so that a shop's week is some forty characters.
 */
export const hoursPerWeek = 168
const mostWeeks = 4
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef'
const unwatched = 1

/** What is known of one hour of the week. */
export interface HourHabit {
  /** Weeks in which this hour was watched, at most four. */
  readonly watched: number
  /** Of these, in how many it was there. */
  readonly there: number
}

/** What an hour's number says. */
export function habitOf(hour: number): HourHabit {
  let watched = 0
  let there = 0
  for (let rest = hour; rest > 1; rest >>= 1) {
    watched += 1
    there += rest & 1
  }
  return { watched, there }
}

/** One hour of a stored week, without unpacking the others. */
export function hourOf(week: string, bin: number): number {
  let at = 0
  for (const [, run, letter] of week.matchAll(runPattern)) {
    at += run === '' ? 1 : Number(run)
    if (at > bin) return letters.indexOf(letter as string)
  }
  return unwatched
}

/** The week with one more word on one of its hours. */
export function noteHour(week: string, bin: number, wasThere: boolean): string {
  const hours = unpackWeek(week)
  const before = hours[bin] ?? unwatched
  const after = before * 2 + (wasThere ? 1 : 0)
  const leading = 1 << mostWeeks
  hours[bin] = after < 2 * leading ? after : leading | (after & (leading - 1))
  return packWeek(hours)
}

const runPattern = /(\d*)([A-Za-f])/g

/** The 168 numbers of a stored week; what is not said was never watched. */
export function unpackWeek(week: string): number[] {
  const hours: number[] = []
  for (const [, run, letter] of week.matchAll(runPattern)) {
    const value = letters.indexOf(letter as string)
    for (let left = run === '' ? 1 : Number(run); left > 0 && hours.length < hoursPerWeek; left -= 1)
      hours.push(value)
  }
  while (hours.length < hoursPerWeek) hours.push(unwatched)
  return hours
}

/** The text of 168 numbers; {@link unpackWeek} reads it. */
export function packWeek(hours: readonly number[]): string {
  let text = ''
  let run = 0
  for (let bin = 0; bin < hoursPerWeek; bin += 1) {
    run += 1
    if (hours[bin + 1] === hours[bin] && bin + 1 < hoursPerWeek) continue
    text += `${run === 1 ? '' : run}${letters[hours[bin] ?? unwatched]}`
    run = 0
  }
  return text
}
