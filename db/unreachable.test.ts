import { expect, test } from 'vitest'
import { migrate } from './migrate.ts'

test('a server that is not there is named, with what to look at', async () => {
  await expect(migrate({ url: 'mysql://ann:secret@127.0.0.1:1/evenflow' })).rejects.toThrow(
    /Could not open the database evenflow on 127\.0\.0\.1:1 as ann: .*Check that the server runs there/s,
  )
}, 60_000)
