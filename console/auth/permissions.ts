/** Who may do what: one table. A role includes those before it. */
import type { Role } from '../../contract/http-api.ts'

const order: readonly Role[] = ['viewer', 'analyst', 'operator', 'admin']

export const minimumRole = {
  // analysts define, try and ask for releases
  'streams.create': 'analyst',
  'streams.infer': 'analyst',
  'streams.append': 'analyst',
  'views.check': 'viewer',
  'views.preview': 'viewer',
  'views.duckdb': 'viewer',
  'views.save': 'analyst',
  'releases.check': 'viewer',
  'releases.start': 'analyst',
  // operators act on what runs
  'releases.act': 'operator',
  'jobs.savepoint': 'operator',
  'jobs.checkpoint': 'operator',
  'jobs.stop': 'operator',
  'jobs.restart': 'operator',
  'savepoints.pin': 'operator',
  'savepoints.unpin': 'operator',
  'savepoints.dispose': 'operator',
  'parameters.put': 'operator',
  // administrators decide who is who
  'users.create': 'admin',
  'users.setRole': 'admin',
  // everybody makes tokens for themselves, with no more than their own role; administrators see and revoke all
  'tokens.create': 'viewer',
  'tokens.revoke': 'viewer',
  'tokens.others': 'admin',
  // reading; everything not named here is open to every signed-in person
  'read.any': 'viewer',
  'read.audit': 'operator',
  'read.users': 'admin',
} as const satisfies Record<string, Role>

export type Permission = keyof typeof minimumRole

export const atLeast = (role: Role, other: Role): boolean => order.indexOf(role) >= order.indexOf(other)

export const may = (role: Role, permission: Permission): boolean => atLeast(role, minimumRole[permission])

export const lesser = (a: Role, b: Role): Role => (atLeast(a, b) ? b : a)
