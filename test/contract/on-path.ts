import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe } from 'vitest'

/** Whether a program is on PATH. */
export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Runs the suites where the program is there; else skips them, and says what would bring it. */
export function describeWith(program: string, name: string, suites: () => void): void {
  if (isOnPath(program)) {
    suites()
    return
  }
  console.warn(
    `not tested: ${name}, because ${program} is not here; \`npm test\` fetches it where Debian's packages can be had`,
  )
  describe.skip(`${name} (needs ${program}: npm run setup)`, suites)
}
