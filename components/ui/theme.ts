'use client'
/** Mantine speaks our tokens: every colour it paints is one of the CSS variables of tokens.css. */
import { type CSSVariablesResolver, createTheme, type VariantColorsResolver } from '@mantine/core'

const tone = (color: string | undefined) => (color === 'red' || color === 'bad' ? 'bad' : 'accent')

const variantColorResolver: VariantColorsResolver = ({ variant, color }) => {
  const name = tone(typeof color === 'string' ? color : undefined)
  const line = 'calc(0.0625rem) solid'
  if (variant === 'filled') {
    const ink = name === 'bad' ? 'var(--panel)' : 'var(--accent-ink)'
    return {
      background: `var(--${name})`,
      hover: `color-mix(in srgb, var(--${name}) 88%, var(--ink))`,
      color: ink,
      border: `${line} transparent`,
    }
  }
  if (variant === 'light')
    return { background: `var(--${name}-soft)`, hover: `var(--${name}-soft)`, color: `var(--${name})`, border: `${line} transparent` }
  if (variant === 'subtle' || variant === 'transparent')
    return {
      background: 'transparent',
      hover: 'var(--line-soft)',
      color: name === 'bad' ? 'var(--bad)' : 'var(--ink-2)',
      border: `${line} transparent`,
    }
  return {
    background: 'var(--raised)',
    hover: 'var(--line-soft)',
    color: name === 'bad' ? 'var(--bad)' : 'var(--ink)',
    border: `${line} var(--line)`,
  }
}

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  headings: { fontFamily: 'var(--font)', fontWeight: '650' },
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '20px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.45', lg: '1.45', xl: '1.4' },
  defaultRadius: '7px',
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 4 },
  colors: {
    // Mantine's own greys, where a component reaches for them directly
    dark: ['#e8edf3', '#b3bdc9', '#94a0ae', '#667384', '#27303b', '#1f2731', '#1a222c', '#141a22', '#0d1117', '#080b10'],
    accent: ['#e6f1fc', '#cfe4f9', '#a5cdf4', '#7ab6f0', '#5aa9f5', '#2b88dd', '#0b6bcb', '#0a5fb4', '#084f96', '#063f78'],
  },
  variantColorResolver,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs', variant: 'default' }, styles: { root: { fontWeight: 550, fontSize: 13 } } },
    ActionIcon: { defaultProps: { variant: 'subtle', size: 26 } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', checkIconPosition: 'right', comboboxProps: { shadow: 'md' } } },
    NativeSelect: { defaultProps: { size: 'xs' } },
    TagsInput: { defaultProps: { size: 'xs' } },
    MultiSelect: { defaultProps: { size: 'xs' } },
    Autocomplete: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: false, events: { hover: true, focus: true, touch: true } } },
    Modal: {
      defaultProps: {
        attributes: { header: { role: 'presentation' } },
        centered: true,
        radius: 10,
        overlayProps: { backgroundOpacity: 0.4 },
      },
      styles: { title: { fontWeight: 650, fontSize: 15 } },
    },
  },
})

export const cssVariablesResolver: CSSVariablesResolver = () => {
  const variables = {
    '--mantine-color-body': 'var(--panel)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-3)',
    '--mantine-color-placeholder': 'var(--ink-3)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-default': 'var(--raised)',
    '--mantine-color-default-hover': 'var(--line-soft)',
    '--mantine-color-default-color': 'var(--ink)',
    '--mantine-color-default-border': 'var(--line)',
    '--mantine-color-error': 'var(--bad)',
    '--mantine-color-disabled': 'var(--line-soft)',
    '--mantine-color-disabled-color': 'var(--ink-3)',
    '--mantine-color-disabled-border': 'var(--line)',
    '--mantine-primary-color-filled': 'var(--accent)',
    '--mantine-primary-color-filled-hover': 'var(--accent-strong)',
    '--mantine-primary-color-contrast': 'var(--accent-ink)',
    '--mantine-primary-color-light': 'var(--accent-soft)',
    '--mantine-primary-color-light-hover': 'var(--accent-soft)',
    '--mantine-primary-color-light-color': 'var(--accent)',
    '--mantine-color-accent-filled': 'var(--accent)',
    '--mantine-color-accent-outline': 'var(--accent)',
  }
  return { variables: {}, light: variables, dark: variables }
}
