import type { CodeFeature } from './model.ts'

/** How it is called, in a line. */
export function usage({ name, inputs, parameters }: CodeFeature): string {
  return `${name}(${[...inputs.map((input) => input.name), ...parameters.map((one) => `${one.name} => ${literalOf(one.default)}`)].join(', ')})`
}

const literalOf = (value: boolean | number | string): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
