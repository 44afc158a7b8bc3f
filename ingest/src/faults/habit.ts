import type { EpochMs, FaultClass } from '@proactive/shared'
import { openingCheckMinutes } from './hours.ts'
import { canBeMissed } from './roles.ts'
import type { DeviceFacts, LocationState } from './state.ts'
import { clockAt, isHoliday, openingToCheck } from './trading.ts'
import type { Turn } from './turn.ts'
import { habitOf, hourOf, noteHour } from './week.ts'

/** When a device is usually there, learned by itself; absent facts were not learned yet. */
export interface HabitFacts {
  /** See `week.ts`; empty = nothing learned. */
  week: string
  /** The last twenty opening checks and today's, one bit each behind a leading 1, the newest last. */
  mornings: number
  /** Sleeps that ended while the shop was open, at most a thousand, and the longest of them. */
  sleeps: number
  longestSleepMs: number
}

/** What has gone by of the hour that is being watched. */
export interface WatchFacts {
  fromMs: EpochMs
  toMs: EpochMs
  /** How much of it live batches told of. */
  coveredMs: number
  /** The openings whose checks were made last: of what is always on, and of what sleeps. */
  checkedMs: EpochMs
  sleepersCheckedMs: EpochMs
}

/** Before anything was watched. */
export function newWatch(): WatchFacts {
  return { fromMs: 0, toMs: 0, coveredMs: 0, checkedMs: 0, sleepersCheckedMs: 0 }
}

/** Before anything was learned of a device. */
export function newHabit(): HabitFacts {
  return { week: '', mornings: 1, sleeps: 0, longestSleepMs: 0 }
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** An hour counts as watched from this much of it on. */
const watchedFromMs = 45 * minuteMs
/** A device that came or went in the first minutes of an hour was there all through it. */
const slackMs = 5 * minuteMs
/** An opening check and what it finds are of one moment. */
const justNowMs = 15 * minuteMs
/** Twenty, and today's. */
const mostMornings = 21
/** From so many mornings on a device's own habit decides at the opening check. */
export const morningsThatCount = 5
/** Battery terminals are taken from their dock when the shop opens. */
const sleepersCheckMinutes = 60
const mostSleeps = 1_000
const sleepsThatCount = 100
/** Sleep four times as long as ever before is none. */
const beyondSleep = 4
const longestAbsenceMs = 7 * 24 * hourMs

/** Roles whose absence may matter: only they are learned. */
function isLearned(facts: DeviceFacts): boolean {
  return canBeMissed(facts) && !facts.isGateway
}

/**
 * Learns from a fresh live batch: at the end of each hour who was there in it, at each opening check who is there this morning.
 * Batches are the clock: what nobody watched is not learned. Hours in which a device is at fault or suffers are no habit of it, nor is a holiday.
 */
export function learnHabits(turn: Turn, windowMs: number, toMs: EpochMs): void {
  const { state } = turn
  const { watch } = state
  if (toMs >= watch.toMs) {
    if (watch.toMs > 0 && watch.coveredMs >= watchedFromMs) closeHour(state)
    const { minute } = clockAt(state, toMs)
    watch.fromMs = toMs - (toMs % minuteMs) - (minute % 60) * minuteMs
    watch.toMs = watch.fromMs + hourMs
    watch.coveredMs = 0
    // Who is expected changes with the hour.
    if (
      state.devices.some(
        (facts) => isLearned(facts) && (facts.state === 'bad' || isNight(state, facts, toMs)),
      )
    )
      turn.isChanged = true
  }
  watch.coveredMs += windowMs
  checkOpening(turn, toMs)
}

function closeHour(state: LocationState): void {
  const { watch } = state
  if (isHoliday(state.config, watch.fromMs)) return
  const { bin } = clockAt(state, watch.fromMs)
  for (const facts of learnedNow(state)) {
    const wasThere = facts.state === 'good' && facts.sinceMs <= watch.fromMs + slackMs
    facts.habit.week = noteHour(facts.habit.week, bin, wasThere)
  }
}

function isTroubled(state: LocationState, { device }: DeviceFacts, sinceMs: EpochMs): boolean {
  return state.incidents.some(
    ({ rootDeviceId, affected, openedAtMs }) =>
      affected.includes(device.id) || (rootDeviceId === device.id && openedAtMs < sinceMs),
  )
}

/** Half an hour before opening for what is always on, an hour after it for what sleeps: who is here this morning? */
function checkOpening(turn: Turn, toMs: EpochMs): void {
  const { watch, config } = turn.state
  const opensMs = openingToCheck(config, toMs, -openingCheckMinutes)
  if (opensMs !== null && opensMs > watch.checkedMs) {
    watch.checkedMs = opensMs
    const sinceMs = toMs - justNowMs
    for (const facts of learnedNow(turn.state, sinceMs))
      if (!facts.isSleeper) noteMorning(facts.habit, facts.state === 'good')
  }
  const openedMs = openingToCheck(config, toMs, sleepersCheckMinutes)
  if (openedMs === null || openedMs <= watch.sleepersCheckedMs) return
  watch.sleepersCheckedMs = openedMs
  for (const facts of learnedNow(turn.state)) {
    if (facts.isSleeper)
      noteMorning(
        facts.habit,
        facts.state === 'good' || facts.seenMs >= openedMs - sleepersCheckMinutes * minuteMs,
      )
  }
}

/** Of whom something can be learned now: neither in trouble nor suffering; a fault that opened since then is what is being learned. */
function learnedNow(state: LocationState, sinceMs = Number.POSITIVE_INFINITY): DeviceFacts[] {
  return state.devices.filter(
    (facts) => isLearned(facts) && facts.state !== 'unknown' && !isTroubled(state, facts, sinceMs),
  )
}

function noteMorning(habit: HabitFacts, isHere: boolean): void {
  const after = habit.mornings * 2 + (isHere ? 1 : 0)
  const leading = 2 ** mostMornings
  habit.mornings = after < 2 * leading ? after : leading + (after % leading)
}

/** On how many of the last opened mornings that were watched it was there. */
export function morningsOf({ mornings }: HabitFacts): { readonly watched: number; readonly there: number } {
  return habitOf(mornings)
}

/** It is back, after a sleep or an absence. */
export function noteReturn(state: LocationState, facts: DeviceFacts, atMs: EpochMs): void {
  if (facts.state !== 'bad') return
  if (facts.isSleeper) noteWaking(state, facts, atMs)
  else noteAbsence(state, facts, atMs)
}

/** How long it slept while the shop was open, also on from the night, is how long it may sleep. */
function noteWaking(state: LocationState, facts: DeviceFacts, atMs: EpochMs): void {
  if (!clockAt(state, atMs).isTrading) return
  const { habit } = facts
  habit.sleeps = Math.min(mostSleeps, habit.sleeps + 1)
  habit.longestSleepMs = Math.max(Math.round(habit.longestSleepMs * 0.999), sleptInTrade(state, facts, atMs))
}

function sleptInTrade({ watch }: LocationState, { sinceMs }: DeviceFacts, atMs: EpochMs): number {
  return atMs - Math.max(sinceMs, watch.checkedMs)
}

/**
 * It was taken for a fault, and it is back within the week: that may be its habit, a till for Fridays only. Its hours count as watched then;
 * so few weeks of a real fault do not make a habit.
 */
function noteAbsence(state: LocationState, { device, habit }: DeviceFacts, atMs: EpochMs): void {
  const own = state.incidents.find(({ rootDeviceId }) => rootDeviceId === device.id)
  if (own === undefined || !isAbsence(own.faultClass) || atMs - own.openedAtMs > longestAbsenceMs) return
  const { minute } = clockAt(state, own.openedAtMs)
  let hourAtMs = own.openedAtMs - (own.openedAtMs % minuteMs) - minute * minuteMs
  if (own.openedAtMs - hourAtMs > slackMs) hourAtMs += hourMs
  for (; hourAtMs + hourMs <= atMs; hourAtMs += hourMs)
    if (!isHoliday(state.config, hourAtMs))
      habit.week = noteHour(habit.week, clockAt(state, hourAtMs).bin, false)
}

function isAbsence(faultClass: FaultClass): boolean {
  return faultClass === 'pos-down' || faultClass === 'device-down'
}

/**
 * Whether a sleeper is missed: it sleeps far longer than ever while the shop is open. One that slept on from before the opening must be gone for a
 * whole day as well: nights are long, and mornings slow.
 */
export function isMissedSleeper(state: LocationState, facts: DeviceFacts, nowMs: EpochMs): boolean {
  const { habit, sinceMs } = facts
  if (habit.sleeps < sleepsThatCount || habit.longestSleepMs === 0) return false
  if (sleptInTrade(state, facts, nowMs) <= beyondSleep * habit.longestSleepMs) return false
  const isOfToday = sinceMs >= state.watch.checkedMs && clockAt(state, sinceMs).isTrading
  return isOfToday || nowMs - sinceMs > 24 * hourMs
}

/** Whether the device has made a habit of being away at this time, in at least two watched weeks, and at a check before opening. */
export function isUsuallyAway(state: LocationState, facts: DeviceFacts, nowMs: EpochMs): boolean {
  const { bin, isTrading } = clockAt(state, nowMs)
  if (!isTrading) {
    const { watched, there } = morningsOf(facts.habit)
    if (watched >= morningsThatCount) return there < 0.8 * watched
  }
  const { watched, there } = habitOf(hourOf(facts.habit.week, bin))
  return watched >= 2 && there * 2 < watched
}

/** Answers at a time when the shop is closed and it was never there in at least three watched weeks. */
export function isNight(state: LocationState, facts: DeviceFacts, nowMs: EpochMs): boolean {
  if (facts.state !== 'good' || facts.isSleeper || !isLearned(facts)) return false
  const { bin, isTrading, isOpen } = clockAt(state, nowMs)
  if (isTrading || isOpen || state.config === null || state.config.calendar.openings.length === 0)
    return false
  const { watched, there } = habitOf(hourOf(facts.habit.week, bin))
  return watched >= 3 && there === 0
}

/** `here on 19 of the last 20 mornings, not today`; empty where it was here today, or nothing is known. */
export function morningWords({ habit }: DeviceFacts): string {
  const isHereToday = habit.mornings % 2 === 1
  const { watched, there } = habitOf(Math.floor(habit.mornings / 2))
  if (isHereToday || watched < morningsThatCount) return ''
  return `here on ${there} of the last ${watched} mornings, not today`
}
