import { MantineProvider } from '@mantine/core'
import { NextIntlClientProvider } from 'next-intl'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import en from '@/messages/en/features.json'
import zh from '@/messages/zh-CN/features.json'
import type { Frame } from './form-model.ts'
import { useFrameText } from './frame-text.ts'
import { WindowForm } from './window-form.tsx'

const hours = (count: number) => ({ kind: 'preceding' as const, interval: { months: 0, days: 0, ms: count * 3_600_000 } })
const LAST_TEN: Frame = { mode: 'rows', start: { kind: 'rows', count: 9 }, end: { kind: 'current' }, exclude: 'ties', maxRows: 5 }
const PANES: Frame = { mode: 'range', start: hours(48), end: { kind: 'current' }, precision: { months: 0, days: 0, ms: 3_600_000 } }

const Words = ({ frame }: { frame: Frame }) => <p>{useFrameText()(frame)}</p>

function render(frame: Frame, locale: 'en' | 'zh-CN' = 'en'): string {
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={{ features: locale === 'en' ? en : zh }} timeZone="UTC">
      <MantineProvider>
        <Words frame={frame} />
        <WindowForm frame={frame} onChoose={() => undefined} />
      </MantineProvider>
    </NextIntlClientProvider>,
  )
}

describe('window form', () => {
  it('asks for events where they are counted, and says the window in words', () => {
    const html = render(LAST_TEN)
    expect(html).toContain('<p>last 10 events, without ties, at most 5</p>')
    expect(html).toContain('value="10"')
    expect(html).toContain(en.window.lastHint)
    expect(html).not.toContain(en.window.fromHint)
    expect(html).not.toContain(en.window.precisionHint)
  })
  it('says what a precision saves and costs', () => {
    const html = render(PANES)
    expect(html).toContain('<p>48 hours, in panes of 1 hour</p>')
    expect(html).toContain('Each key keeps at most 49 panes of 1 hour instead of every event.')
  })
  it('speaks Chinese', () => {
    expect(render(LAST_TEN, 'zh-CN')).toContain('<p>最近 10 个事件，不含同刻其他事件，最多 5 个</p>')
    expect(render(PANES, 'zh-CN')).toContain('49 个 1 小时的分片')
  })
})
