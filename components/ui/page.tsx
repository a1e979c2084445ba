import type { ReactNode } from 'react'

/** The top of a page: name, chips, a sentence; what can be done on the right. */
export function PageHeader({ title, chips, sub, actions }: { title: ReactNode; chips?: ReactNode; sub?: ReactNode; actions?: ReactNode }) {
  return (
    <div style={{ marginBottom: 14 }}>
      <div className="row wrap" style={{ minHeight: 32 }}>
        <h1>{title}</h1>
        {chips}
        <span className="sp" />
        {actions}
      </div>
      {sub && (
        <p className="mid" style={{ margin: '4px 0 0', maxWidth: 900 }}>
          {sub}
        </p>
      )}
    </div>
  )
}
