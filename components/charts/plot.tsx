'use client'
/** Draws prepared columns with uPlot; loaded only when a chart is on the page. Everything decided here is ink, not data. */
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Columns } from './series.ts'

export type SeriesTone = 'job1' | 'job2' | 'accent'
export type PlotProps = {
  columns: Columns
  series: { label: string; tone: SeriesTone; dashed?: boolean }[]
  range: [number, number]
  threshold?: { value: number; label: string } | null
  formatY: (value: number) => string
  formatX: (atMs: number) => string
  height: number
  width?: 'lines' | 'points'
}

const variable = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function thresholdPlugin(current: { threshold: PlotProps['threshold'] }): uPlot.Plugin {
  return {
    hooks: {
      draw: (u) => {
        if (!current.threshold) return
        const { ctx } = u
        const y = Math.round(u.valToPos(current.threshold.value, 'y', true))
        if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) return
        ctx.save()
        ctx.strokeStyle = ctx.fillStyle = variable('--warn')
        ctx.lineWidth = devicePixelRatio
        ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio])
        ctx.beginPath()
        ctx.moveTo(u.bbox.left, y)
        ctx.lineTo(u.bbox.left + u.bbox.width, y)
        ctx.stroke()
        ctx.font = `${11 * devicePixelRatio}px ${variable('--mono')}`
        ctx.textAlign = 'right'
        ctx.fillText(current.threshold.label, u.bbox.left + u.bbox.width - 2, y - 4 * devicePixelRatio)
        ctx.restore()
      },
    },
  }
}

export default function Plot(props: PlotProps) {
  const scheme = useComputedColorScheme('light')
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(props)
  latest.current = props
  const shape = JSON.stringify([props.series, props.height])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme or another set of series means a new chart; data goes in below
  useEffect(() => {
    const element = host.current
    if (!element) return
    const now = latest.current
    const axis = {
      stroke: variable('--ink-3'),
      grid: { stroke: variable('--line-soft'), width: 1 },
      ticks: { show: false },
      font: `11px ${variable('--mono')}`,
    }
    const made = new uPlot(
      {
        width: Math.max(120, element.clientWidth),
        height: now.height,
        legend: { show: false },
        cursor: { y: false, points: { size: 5 } },
        padding: [8, 30, 0, 0], // half a time of day: the last one is not cut off
        scales: { x: { time: true }, y: { range: () => latest.current.range } },
        axes: [
          { ...axis, space: 90, size: 22, values: (_, splits) => splits.map((seconds) => latest.current.formatX(seconds * 1000)) },
          {
            ...axis,
            space: 28,
            size: (_, values) => 12 + 7 * Math.max(4, ...(values ?? []).map((text) => text.length)),
            values: (_, splits) => splits.map((value) => latest.current.formatY(value)),
          },
        ],
        series: [
          {},
          ...now.series.map((one) => ({
            label: one.label,
            stroke: variable(`--${one.tone}`),
            width: 1.8,
            spanGaps: false,
            points: { show: (u: uPlot) => (u.data[0]?.length ?? 0) < 4, size: 5 },
            ...(one.dashed && { dash: [5, 4] }),
          })),
        ],
        plugins: [
          thresholdPlugin({
            get threshold() {
              return latest.current.threshold
            },
          }),
        ],
      },
      now.columns as uPlot.AlignedData,
      element,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: Math.max(120, element.clientWidth), height: now.height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [scheme, shape])

  useEffect(() => plot.current?.setData(props.columns as uPlot.AlignedData), [props.columns])
  return <div ref={host} style={{ height: props.height, width: '100%' }} />
}
