import { expect, it } from 'vitest'
import { RestartInput } from '../../contract/http-api.ts'
import { choicesFor } from './failure-choices.ts'

it('offers choices where starting again would end the same way, and none where it would not', () => {
  expect(choicesFor('position_out_of_range')).toEqual(['oldest', 'newest', 'giveUp'])
  expect(choicesFor('snapshot_corrupt')).toEqual(['anotherStart', 'giveUp'])
  expect(choicesFor('memory_limit')).toContain('parameters')
  expect(choicesFor('crashed')).toEqual([])
  expect(choicesFor(null)).toEqual([])
})

it('what it asks for is what the API takes', () => {
  for (const outOfRange of ['oldest', 'newest']) expect(RestartInput.parse({ from: { outOfRange } })).toEqual({ from: { outOfRange } })
})
