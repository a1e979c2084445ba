/** Two waves: the running job, the next one. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" strokeWidth="2.2" strokeLinecap="round" aria-hidden="true">
      <path d="M2 9c4-5 7 5 11 0s6-2 9-1" stroke="var(--accent)" />
      <path d="M2 16c4-5 7 5 11 0s6-2 9-1" stroke="var(--job2)" />
    </svg>
  )
}
