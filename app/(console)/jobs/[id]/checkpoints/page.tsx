import { redirect } from 'next/navigation'

/** The crumb above one checkpoint leads here: to the history of its job. */
export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  redirect(`/checkpoints?job=${encodeURIComponent((await params).id)}`)
}
