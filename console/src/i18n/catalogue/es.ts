import type { Catalogue } from '../language.ts'
import json from './es.json'

export const catalogue: Catalogue = json
