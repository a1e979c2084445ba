'use client'
/** A few choices side by side, one of them on: filters of a list. */
export function Choices<V extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  label: string
  value: V
  choices: { value: V; label: string; count?: number }[]
  onChange: (value: V) => void
}) {
  return (
    <fieldset className="choices">
      <legend className="sr">{label}</legend>
      {choices.map((choice) => (
        <button key={choice.value} type="button" aria-pressed={choice.value === value} onClick={() => onChange(choice.value)}>
          {choice.label}
          {choice.count !== undefined && <span className="n dim"> {choice.count}</span>}
        </button>
      ))}
    </fieldset>
  )
}
