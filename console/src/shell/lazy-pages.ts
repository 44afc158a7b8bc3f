/** Pages that most people open rarely: fetched when they are. */
export const lazyPages = {
  fleet: () => import('../fleet/FleetPage.svelte'),
  merchantLinks: () => import('../location/MerchantLinks.svelte'),
  admin: () => import('../admin/AdminPage.svelte'),
} as const
