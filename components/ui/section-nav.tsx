'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'

/** The pages of one section, side by side; the one shown is marked for eyes and for screen readers. */
export function SectionNav({ label, items }: { label: string; items: { href: string; label: string }[] }) {
  const path = usePathname()
  return (
    <nav className="section-nav" aria-label={label}>
      {items.map((item) => (
        <Link key={item.href} href={item.href} aria-current={path === item.href ? 'page' : undefined}>
          {item.label}
        </Link>
      ))}
    </nav>
  )
}
