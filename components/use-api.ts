'use client'
/** Reads by polling: a failed poll keeps the last data (and its age); a pause stops polling on every page. */
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import type { z } from 'zod'
import type { EvenflowError } from '@/contract/errors.ts'
import { api } from './api.ts'
import { usePreferences } from './ui/preferences.tsx'

/** `path: null` asks nothing yet. `everyMs`: 2000 for lists, false for what never changes. The query's key is [path]. */
export function useApi<S extends z.ZodType>(
  schema: S,
  path: string | null,
  everyMs: number | false = 2000,
): UseQueryResult<z.infer<S>, EvenflowError> {
  const { paused } = usePreferences()
  return useQuery<z.infer<S>, EvenflowError>({
    queryKey: [path],
    queryFn: ({ signal }) => api(schema, path as string, { signal }),
    enabled: path !== null,
    // Another page or filter of the same list: the old rows stay until the new ones are there.
    placeholderData: (data, before) => (before && sameList(String(before.queryKey[0]), path) ? data : undefined),
    refetchInterval: paused ? false : everyMs,
  })
}

/** A write; when it is done everything shown is asked for again. */
export function useWrite<Input, Output>(write: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation<Output, EvenflowError, Input>({ mutationFn: write, onSuccess: () => client.invalidateQueries() })
}

const sameList = (a: string, b: string | null) => b !== null && a.includes('?') && a.split('?')[0] === b.split('?')[0]
