/** Requests to addresses that users give: where they may lead, and how they are sent. Needs Node; the console may not import it. */
export { createOutgoingGuard, isRefusedAddress, type OutgoingGuard, RefusedUrlError } from './guard.ts'
export { createGuardedFetch, postGuarded } from './post.ts'
