/** Writes of the settings pages. */
import type { z } from 'zod'
import { CreatedToken, type CreateToken, type CreateUser, type SetUserRole } from '@/contract/http-api.ts'
import { api, segment, send } from '../api.ts'

export const createUser = (input: z.input<typeof CreateUser>) => send('/users', { body: input })
export const setUser = ({ id, ...change }: z.input<typeof SetUserRole>) => send(`/users/${segment(id)}`, { method: 'PUT', body: change })
export const createToken = (input: z.input<typeof CreateToken>) => api(CreatedToken, '/tokens', { body: input })
export const revokeToken = (id: string) => send(`/tokens/${segment(id)}`, { method: 'DELETE' })
