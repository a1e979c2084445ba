import type { ReactNode } from 'react'

/** A line of figures, each under its name: what an operator looks at first. */
export function Figures({ items }: { items: { label: string; value: ReactNode; note?: ReactNode }[] }) {
  return (
    <dl className="figures">
      {items.map((item) => (
        <div key={item.label}>
          <dt>{item.label}</dt>
          <dd>{item.value}</dd>
          {item.note && <dd className="note">{item.note}</dd>}
        </div>
      ))}
    </dl>
  )
}
