import { language, toldTemplates } from './language.ts'
import { createTold } from './sentences.ts'

/** A sentence of the cloud in the page's language. */
export const told = createTold(toldTemplates, language.locale)
