/** Ids of devices as they were remembered; text that is none gives none. */
export function parseIds(text: string | undefined): string[] {
  if (text === undefined) return []
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
  } catch {
    return []
  }
}
