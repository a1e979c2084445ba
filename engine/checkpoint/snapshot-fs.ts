/** The file operations that snapshots are made of, one by one, so that a test can crash between any two. */
export interface SnapshotFs {
  /** Creates the directory and its parents; answers the first one that was not there, if any. */
  makeDirectory(path: string): Promise<string | undefined>
  /** The parts one after another, each asked for when the one before is written. */
  writeFile(path: string, parts: Iterable<Uint8Array>): Promise<void>
  syncFile(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  syncDirectory(path: string): Promise<void>
  /** @throws an error with code ENOENT where there is none */
  readFile(path: string): Promise<Uint8Array>
  /** Names in a directory; [] where there is none. */
  list(path: string): Promise<string[]>
  /** The file or directory with all it holds; nothing where there is none. */
  remove(path: string): Promise<void>
}
