/**
 * A file system in memory that forgets as a real one may when the machine stops: file contents that were not synced, names that
 * were not synced in their directory. Counts its operations, and crashes at the one it is told.
 */
import { dirname } from 'node:path'
import type { SnapshotFs } from './snapshot-fs.ts'

export class Crash extends Error {
  override readonly name = 'Crash'
}

interface Node {
  bytes: Uint8Array | null // null: a directory
  synced: Uint8Array | null
}

export class MemoryFs implements SnapshotFs {
  operations = 0
  /** the operation at which it crashes: nothing of it is done */
  crashAt = Number.POSITIVE_INFINITY
  crashed = false
  /** kept of contents that were never synced, 0 to 1: a torn write */
  tornShare = 0
  private live = new Map<string, Node>([['/', { bytes: null, synced: null }]])
  private durable = new Map(this.live)

  private step(): void {
    if (this.crashed) throw new Crash('the process is gone')
    if (++this.operations === this.crashAt) {
      this.crashed = true
      throw new Crash(`at operation ${this.operations}`)
    }
  }

  async makeDirectory(path: string): Promise<string | undefined> {
    this.step()
    let first: string | undefined
    for (let at = path; !this.live.has(at); at = dirname(at)) {
      this.live.set(at, { bytes: null, synced: null })
      first = at
    }
    return first
  }

  async writeFile(path: string, parts: Iterable<Uint8Array>): Promise<void> {
    this.step()
    if (!this.live.has(dirname(path))) throw Object.assign(new Error(`no directory for ${path}`), { code: 'ENOENT' })
    this.live.set(path, { bytes: new Uint8Array(Buffer.concat([...parts])), synced: null })
  }

  async syncFile(path: string): Promise<void> {
    this.step()
    const node = this.live.get(path)!
    node.synced = node.bytes
  }

  async rename(from: string, to: string): Promise<void> {
    this.step()
    this.live.set(to, this.live.get(from)!)
    this.live.delete(from)
  }

  async syncDirectory(path: string): Promise<void> {
    this.step()
    for (const name of this.durable.keys()) if (name !== '/' && dirname(name) === path && !this.live.has(name)) this.durable.delete(name)
    for (const [name, node] of this.live) if (dirname(name) === path) this.durable.set(name, node)
  }

  async readFile(path: string): Promise<Uint8Array> {
    const node = this.live.get(path)
    if (!node?.bytes) throw Object.assign(new Error(`ENOENT ${path}`), { code: 'ENOENT' })
    return node.bytes
  }

  async list(path: string): Promise<string[]> {
    return [...this.live.keys()]
      .filter((name) => name !== '/' && dirname(name) === path)
      .map((name) => name.slice(path === '/' ? 1 : path.length + 1))
  }

  async remove(path: string): Promise<void> {
    this.step()
    for (const name of this.live.keys()) if (name === path || name.startsWith(`${path}/`)) this.live.delete(name)
  }

  /** Power comes back: only what was durable is there. */
  restart(): void {
    const kept = new Map<string, Node>([['/', { bytes: null, synced: null }]])
    for (const [name, node] of [...this.durable].sort(([a], [b]) => a.length - b.length)) {
      if (name === '/' || !kept.has(dirname(name))) continue
      const torn = node.bytes?.subarray(0, Math.floor(node.bytes.length * this.tornShare)) ?? null
      const bytes = node.bytes === null ? null : (node.synced ?? torn)
      kept.set(name, { bytes, synced: bytes })
    }
    this.live = kept
    this.durable = new Map(kept)
    this.crashed = false
    this.crashAt = Number.POSITIVE_INFINITY
  }

  files(): string[] {
    return [...this.live].filter(([, { bytes }]) => bytes !== null).map(([name]) => name)
  }

  /** What a bad disk does. */
  damage(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const node = this.live.get(path)!
    node.bytes = change(node.bytes!)
  }
}
