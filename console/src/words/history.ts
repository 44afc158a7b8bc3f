import { t } from '../i18n/language.ts'

const words = new Map<string, string>([
  ['article', t('done|article added')],
  ['assign', t('done|assigned')],
  ['cause-moved', t('done|another cause was found')],
  ['claim', t('done|claimed')],
  ['collaborators', t('done|collaborators changed')],
  ['create', t('done|opened by hand')],
  ['customer-entry', t('done|the Customer wrote')],
  ['edit', t('done|edited')],
  ['entry', t('done|entry written')],
  ['escalate', t('done|escalated')],
  ['de-escalate', t('done|given back from the second line')],
  ['file', t('done|file attached')],
  ['hand-over', t('done|handed over')],
  ['hand-back', t('done|handed back')],
  ['open', t('done|opened by Proactive')],
  ['recovery', t('done|the fault is over')],
  ['resolve', t('done|resolved')],
  ['response-breached', t('done|first answer came too late')],
  ['update', t('done|updated by Proactive')],
  ['merchant-works-again', t('done|the merchant: it works again')],
  ['merchant-still-broken', t('done|the merchant: it does not work')],
  ['merchant-problem', t('done|the merchant reported a problem')],
])

/** What was done to an Issue, by the name that the helpdesk keeps; a name we do not know stands for itself. */
export const deedWords = (action: string): string => words.get(action) ?? action
