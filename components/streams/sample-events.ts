/** Payments of the last half hour, for someone who has nothing at hand: three cards, one field that is sometimes null. */
export function sampleEvents(nowMs = Date.now()): string {
  const cards = ['c-1041', 'c-2207', 'c-3188']
  const merchants = ['grocer', 'airline', 'bookshop', 'fuel']
  return Array.from({ length: 24 }, (_, n) =>
    JSON.stringify({
      card: cards[(n * 7) % 3],
      amount: Math.round(((n * 37) % 190) * 100 + 490) / 100,
      merchant: merchants[(n * 5) % 4],
      country: n % 9 === 4 ? null : n % 4 === 0 ? 'FR' : 'DE',
      paid_at: new Date(nowMs - (24 - n) * 75_000).toISOString(),
    }),
  ).join('\n')
}
