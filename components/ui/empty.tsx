import type { ReactNode } from 'react'

/** Nothing here yet: says what would stand here, and how it comes to be. */
export function EmptyState({ title, children, action }: { title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div style={{ padding: '34px 20px', textAlign: 'center', display: 'grid', gap: 8, justifyItems: 'center' }}>
      <div className="strong">{title}</div>
      {children && (
        <div className="mid" style={{ maxWidth: 520 }}>
          {children}
        </div>
      )}
      {action}
    </div>
  )
}
