'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { EvenflowError } from '@/contract/errors.ts'
import type { CreateRelease } from '@/contract/http-api.ts'
import { ReleaseCheck } from '@/contract/release-check.ts'
import { api } from '@/components/api.ts'

const AGAIN_MS = 5000

/** What the release that is asked for would do now; asked again while the dialog is open, because what runs goes on. `null` asks nothing. */
export const useReleaseCheck = (
  request: Pick<CreateRelease, 'view' | 'version' | 'historyEventTime' | 'archive' | 'allowDroppedState'> | null,
) =>
  useQuery<ReleaseCheck, EvenflowError>({
    queryKey: ['/releases/check', request],
    queryFn: ({ signal }) => api(ReleaseCheck, '/releases/check', { body: request, signal }),
    enabled: request !== null,
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
    retry: false,
  })
