import type { ReactNode } from 'react'

/** A panel with a heading line. `flush`: the content brings its own padding (tables). */
export function Card({
  title,
  aside,
  actions,
  flush = false,
  children,
  id,
}: {
  title?: ReactNode
  aside?: ReactNode
  actions?: ReactNode
  flush?: boolean
  children?: ReactNode
  id?: string
}) {
  return (
    <section className="card" id={id}>
      {(title || actions) && (
        <div className="card-hd">
          <div className="what">
            {title && <h2>{title}</h2>}
            {aside && <span className="dim">{aside}</span>}
          </div>
          {actions}
        </div>
      )}
      {flush ? children : <div className="card-bd">{children}</div>}
    </section>
  )
}
