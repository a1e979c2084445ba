import { expect, it } from 'vitest'
import { RestartInput } from '../../contract/http-api.ts'
import { restartBody } from './restart-from.ts'

const from = (choice: 'newest' | 'checkpoint' | 'savepoint' | 'fresh', id = '') => restartBody({ choice, checkpoint: id, savepoint: id })

it('asks for the newest checkpoint by giving nothing, for the others by naming them', () => {
  expect(from('newest')).toEqual({})
  expect(from('fresh')).toEqual({ from: { fresh: true } })
  expect(from('checkpoint', '7')).toEqual({ from: { checkpointId: 7 } })
  expect(from('savepoint', '8')).toEqual({ from: { savepointId: 8 } })
  for (const body of [from('newest'), from('fresh'), from('checkpoint', '7'), from('savepoint', '8')])
    expect(RestartInput.parse(body)).toEqual(body)
})
it('is not ready while the checkpoint or savepoint is still to be chosen', () => {
  expect([from('checkpoint'), from('savepoint')]).toEqual([null, null])
})
