import { z } from 'zod'

// The page runs under `default-src 'self'`: zod must not probe for `eval`. Imported before any schema is made.
z.config({ jitless: true })
