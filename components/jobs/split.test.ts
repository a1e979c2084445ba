import { describe, expect, it } from 'vitest'
import type { SplitDecision } from '../../contract/job-ipc.ts'
import { locales } from '../../messages/locales.ts'
import { splitFacts, splitSentence } from './split.ts'

const measured = { events: 4000, hottestKeyShare: 0.615, keyUs: 2.913, featureUs: 1.724 }

describe('how subtasks share the work, as a sentence', () => {
  it('every decision has one, in both languages, and its figures are all there', async () => {
    const decisions: SplitDecision[] = [
      { by: 'key', why: 'asked' },
      { by: 'feature', why: 'asked' },
      { by: 'key', why: 'measured', measured },
      { by: 'feature', why: 'measured', measured },
      ...(['no_events', 'one_feature_group', 'group_by', 'panes', 'code'] as const).map((why) => ({ by: 'key' as const, why })),
    ]
    for (const locale of locales) {
      const { default: messages } = await import(`../../messages/${locale}/jobs.json`, { with: { type: 'json' } })
      for (const decision of decisions) {
        const sentence: string = messages.subtasks.split[splitSentence(decision)]
        const facts = splitFacts(decision, locale)
        expect(sentence.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? '?')).not.toContain('?')
      }
    }
  })

  it('figures in a few digits', () => {
    expect(splitFacts({ by: 'feature', why: 'measured', measured }, 'en')).toEqual({
      events: '4,000',
      share: '61.5 %',
      keyUs: '2.9',
      featureUs: '1.7',
    })
  })
})
