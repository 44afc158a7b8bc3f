import type { Catalogue } from '../language.ts'
import json from './de.json'

export const catalogue: Catalogue = json
