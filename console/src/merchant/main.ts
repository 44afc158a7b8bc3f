import '../style/base.css'
import '../style/health.css'
import '../style/merchant.css'
import { mount } from 'svelte'
import MerchantPage from './MerchantPage.svelte'
import { language } from './words.ts'

document.documentElement.lang = language
const target = document.getElementById('app')
if (target === null) throw new Error('the page has no #app')
mount(MerchantPage, { target, props: { token: location.hash.slice(1) } })

// Another link pasted into the same tab changes the fragment only: the page begins anew with it.
addEventListener('hashchange', () => location.reload())
