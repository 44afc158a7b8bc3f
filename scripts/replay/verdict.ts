import type { ReplayedIncident } from './replay.ts'

/** What a recording must come to: its incidents without keys and wording, which are free to change. */
export interface Verdict {
  readonly incidents: readonly Omit<ReplayedIncident, 'key' | 'headline' | 'severity'>[]
}

export function verdictOf(incidents: readonly ReplayedIncident[]): Verdict {
  return {
    incidents: incidents.map(({ key: _key, headline: _headline, severity: _severity, ...rest }) => rest),
  }
}
