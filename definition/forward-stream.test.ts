import { expect, test } from 'vitest'
import { forwardFields, isAllowedWebhook, isWebhook, mergeFields, refusalOfForward } from './forward-stream.ts'

const shape = {
  key: [{ name: 'card', type: 'string' }],
  features: [
    { name: 'n', type: 'int' },
    { name: 'shops', type: 'string[]' },
  ],
  hasWindows: false,
}
const fields = forwardFields(shape)
const own = { name: 'card_pay_features', fields, fedBy: 'card_pay' }
const pay = { name: 'pay', fields: [], fedBy: null }

test('the fields are key, what every row carries, and features; lists and maps are none', () => {
  expect(fields.map(({ name }) => name)).toEqual(['card', '_event_time', '_view', '_view_version', '_as_of', '_n', '_epoch', 'n'])
  expect(fields.find(({ name }) => name === 'n')).toEqual({ name: 'n', type: 'int', nullable: true })
})

test('a later version adds its fields, and leaves those that it has not; a type stays what it is', () => {
  const later = forwardFields({ ...shape, features: [{ name: 'm', type: 'double' }] })
  const merged = mergeFields(fields, later)
  expect(merged).toEqual({ fields: [...fields, { name: 'm', type: 'double', nullable: true }] })
  expect(mergeFields(fields, forwardFields({ ...shape, features: [{ name: 'n', type: 'double' }] }))).toEqual({ clash: 'n' })
})

test('a webhook is called on this machine, or on a host that is allowed', () => {
  expect(['http://localhost:1/x', 'HTTPS://a.b', 'pay_features'].map(isWebhook)).toEqual([true, true, false])
  for (const url of ['http://localhost:8080/rows', 'http://127.0.0.1/', 'http://[::1]:9/', 'https://hooks.example.com/a'])
    expect(isAllowedWebhook(url, ['hooks.example.com'])).toBe(true)
  for (const url of ['https://example.com', 'http://localhost.example.com', 'http://me@localhost/', 'http://169.254.169.254/'])
    expect(isAllowedWebhook(url, ['hooks.example.com', ''])).toBe(false)
})

test('a stream is fed by one view alone, and no view by itself', () => {
  const at = { view: 'card_pay', target: 'card_pay_features', fields }
  const views = [{ name: 'card_pay', streams: ['pay'] }]
  expect(refusalOfForward(at, [pay], views)).toBeNull()
  expect(refusalOfForward(at, [pay, own], views)).toBeNull()
  expect(refusalOfForward({ ...at, target: 'pay' }, [pay], views)).toMatchObject({ code: 'taken' })
  expect(refusalOfForward({ ...at, view: 'other' }, [pay, own], views)).toMatchObject({ code: 'taken' })
  const loop = [
    { name: 'card_pay', streams: ['pay', 'second'] },
    { name: 'between', streams: ['card_pay_features'] },
  ]
  const streams = [pay, own, { name: 'second', fields: [], fedBy: 'between' }]
  expect(refusalOfForward(at, streams, loop)).toMatchObject({ code: 'loop' })
  const named = forwardFields({ ...shape, features: [{ name: '_n', type: 'int' }] })
  expect(refusalOfForward({ ...at, fields: named }, [pay], views)).toEqual({ code: 'reserved', target: at.target, field: '_n' })
  const changed = forwardFields({ ...shape, features: [{ name: 'n', type: 'double' }] })
  expect(refusalOfForward({ ...at, fields: changed }, [pay, own], views)).toEqual({ code: 'clash', target: at.target, field: 'n' })
})
