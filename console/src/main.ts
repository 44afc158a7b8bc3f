import './style/base.css'
import './style/health.css'
import './style/network.css'
import './style/desk.css'
import './style/cards.css'
import './style/print.css'
import { mount } from 'svelte'
import { language } from './i18n/language.ts'
import App from './shell/App.svelte'
import { followLinks } from './shell/route.svelte.ts'

document.documentElement.lang = language.id
followLinks()
const target = document.getElementById('app')
if (target === null) throw new Error('the page has no #app')
mount(App, { target })
