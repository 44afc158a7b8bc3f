import { dirname } from 'node:path'

/** The project's folder. */
export const projectRoot: string = dirname(dirname(import.meta.dirname))
