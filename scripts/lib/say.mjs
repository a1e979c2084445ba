/** Lines on the terminal while something takes its time: one at the start, one every few seconds, one at the end. */
const everyMs = 10_000

export function say(text) {
  console.log(`  ${text}`)
}

export async function progress(text, work) {
  const beganMs = Date.now()
  say(`${text} …`)
  let note = ''
  const timer = setInterval(() => say(`${text} … ${seconds(beganMs)}${note ? ` · ${note}` : ''}`), everyMs)
  timer.unref()
  try {
    const result = await work((text) => {
      note = text
    })
    say(`${text}: done in ${seconds(beganMs)}`)
    return result
  } finally {
    clearInterval(timer)
  }
}

const seconds = (sinceMs) => `${Math.round((Date.now() - sinceMs) / 1000)} s`
