/** What is being typed stands in the browser's own store at once: a reload or a crash loses nothing. */
export type Draft = { sql: string; baseVersion: number | null; name: string; savedAtMs: number }

const keyOf = (view: string | null) => `evenflow-draft:${view ?? '*new*'}`

export function readDraft(view: string | null): Draft | null {
  try {
    const draft: unknown = JSON.parse(localStorage.getItem(keyOf(view)) ?? 'null')
    return draft && typeof (draft as Draft).sql === 'string' && typeof (draft as Draft).savedAtMs === 'number' ? (draft as Draft) : null
  } catch {
    return null
  }
}
export function writeDraft(view: string | null, draft: Draft): void {
  try {
    localStorage.setItem(keyOf(view), JSON.stringify(draft))
  } catch {
    // A full or forbidden store: the text is still on the page, and saving a version works.
  }
}
export const dropDraft = (view: string | null) => localStorage.removeItem(keyOf(view))
