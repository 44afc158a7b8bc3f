import type { Catalogue } from '../language.ts'

/** English stands in the page's own source: the build fills this in, so that the page of another language goes without it. */
export const catalogue: Catalogue = { messages: {}, told: {} }
