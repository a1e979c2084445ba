import Link from 'next/link'
import { Fragment } from 'react'
import type { View } from '@/contract/http-api.ts'
import { streamsOf } from '@/definition/union-partitions.ts'
import { segment } from '../api.ts'

/** The streams that a view reads, each once. */
export function StreamLinks({ view }: { view: View }) {
  return [...new Set(streamsOf(view.definition))].map((name, i) => (
    <Fragment key={name}>
      {i > 0 && ' ∪ '}
      <Link href={`/streams/${segment(name)}`}>{name}</Link>
    </Fragment>
  ))
}
