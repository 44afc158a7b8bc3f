/** What the first view does without: fetched when it is opened. */
export const lazyPages = {
  timeline: () => import('../timeline/Timeline.svelte'),
  usual: () => import('../device/Usual.svelte'),
  identity: () => import('../device/Identity.svelte'),
  interfaces: () => import('../device/Interfaces.svelte'),
  changes: () => import('../location/ChangeList.svelte'),
  incident: () => import('../location/IncidentPage.svelte'),
  liveView: () => import('../live/LiveView.svelte'),
  plannedWork: () => import('../planned/PlannedWork.svelte'),
  issue: () => import('../issues/IssuePage.svelte'),
  runbook: () => import('../runbooks/RunbookPage.svelte'),
  setUp: () => import('../session/SetUp.svelte'),
  choosePassword: () => import('../session/ChoosePassword.svelte'),
  fleet: () => import('../fleet/FleetPage.svelte'),
  notes: () => import('../location/Notes.svelte'),
  merchantLinks: () => import('../location/MerchantLinks.svelte'),
  admin: () => import('../admin/AdminPage.svelte'),
} as const
