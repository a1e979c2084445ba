/** The options of `evenflow release` that name an archive → what is asked of the API. Pure. */
import type { CreateRelease } from '../../contract/http-api.ts'

export interface ArchiveOptions {
  readonly archive?: string | undefined
  readonly 'archive-table'?: string | undefined
  readonly 'archive-query'?: string | undefined
  readonly 'max-event-time'?: string | undefined
}

/** `instant`: reads an option's instant. Undefined: no archive. Answers a sentence where the options do not fit together. */
export function askedArchive(
  options: ArchiveOptions,
  instant: (option: string, text: string) => string | number,
): NonNullable<CreateRelease['archive']> | undefined | string {
  const { archive: path, 'archive-table': table, 'archive-query': query, 'max-event-time': upTo } = options
  if (path === undefined) {
    const alone = (['archive-table', 'archive-query', 'max-event-time'] as const).find((name) => options[name] !== undefined)
    return alone && `--${alone} says more of an archive: give --archive PATH too.`
  }
  if (table !== undefined && query !== undefined) return 'give --archive-table or --archive-query, not both.'
  const isDatabase = table !== undefined || query !== undefined
  return {
    source: { kind: isDatabase ? 'duckdb' : 'parquet', path, ...(table !== undefined && { table }), ...(query !== undefined && { query }) },
    ...(upTo !== undefined && { maxEventTime: instant('max-event-time', upTo) }),
  }
}
