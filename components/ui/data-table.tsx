import type { ReactNode } from 'react'

export type Column<Row> = {
  key: string
  header: ReactNode
  cell: (row: Row) => ReactNode
  numeric?: boolean
  wrap?: boolean
  tone?: string
}

/** A plain, dense table; numbers to the right. `label` is what a screen reader calls it. `maxHeight` makes it scroll under a fixed head. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  empty,
  maxHeight,
}: {
  label: string
  columns: Column<Row>[]
  rows: Row[]
  rowKey: (row: Row) => string | number
  empty?: ReactNode
  maxHeight?: number | string
}) {
  if (rows.length === 0 && empty) return <>{empty}</>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="table-wrap" aria-label={label} tabIndex={0} style={{ maxHeight, overflowY: maxHeight ? 'auto' : undefined }}>
      <table className="t">
        <thead className={maxHeight ? 'sticky' : undefined}>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={column.numeric ? 'n' : undefined}
                style={column.tone ? { color: column.tone } : undefined}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.key} className={column.numeric ? 'n' : column.wrap ? 'wrap' : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
