/** What is wrong with the command line or the project: exit code 1. Each line is one problem. */
export class UseError extends Error {
  override readonly name = 'UseError'
}
