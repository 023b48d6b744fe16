/** All colours and measures of the console. Every text colour keeps 4.5:1 against the surfaces it is used on. */
import { createTheme, defaultVariantColorsResolver } from '@mantine/core'
import type { CSSVariablesResolver, MantineColorsTuple, VariantColorsResolver } from '@mantine/core'

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif'
const MONO = 'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace'

/** The one accent: a deep teal, dark enough for text on white at step 7, light enough on near-black at step 3. */
const TEAL: MantineColorsTuple = [
  '#e9f6f7', '#d2ebed', '#a4d6da', '#6cc5cc', '#45a8b0', '#2a8f98', '#167e88', '#0b6b74', '#07575f', '#04434a',
]

/** What the library draws its dark surfaces and lines with, from text to the deepest ground. */
const NIGHT: MantineColorsTuple = [
  '#e6ebec', '#b0bbbe', '#94a1a5', '#6d797d', '#3d484b', '#2f383a', '#1b2123', '#151a1b', '#0e1112', '#0a0c0d',
]

type Palette = Record<string, string>

const LIGHT: Palette = {
  page: '#f7f8f8', panel: '#ffffff', raised: '#ffffff', hover: '#f1f4f4', selected: '#e6f2f3',
  line: '#e0e5e6', 'line-strong': '#c3cbcd',
  text: '#171c1e', soft: '#4a5458', faint: '#5f6a6e',
  accent: '#0b6b74', 'on-accent': '#ffffff', 'accent-line': '#6aa7ad',
  accountable: '#14713f', claimed: '#2f5f9e', split: '#8f4d00', unowned: '#b3261e', lapsed: '#6b3fa0',
  'bar-accountable': '#2e8b57', 'bar-claimed': '#6b93c7', 'bar-split': '#d98e2b', 'bar-unowned': '#cf4a41', 'bar-lapsed': '#9a74c4',
  critical: '#a3161b', high: '#b3400f', medium: '#7a5600', low: '#4a5458',
  'warn-bg': '#fff7e8', 'warn-line': '#e6c078', 'bad-bg': '#fdf1f0', 'bad-line': '#e3a9a4', 'good-bg': '#eef7f1', 'good-line': '#a3cfb4',
}

const DARK: Palette = {
  page: '#0e1112', panel: '#151a1b', raised: '#1b2123', hover: '#1d2426', selected: '#14302f',
  line: '#272f31', 'line-strong': '#3d484b',
  text: '#e6ebec', soft: '#b0bbbe', faint: '#94a1a5',
  accent: '#6cc5cc', 'on-accent': '#0e1112', 'accent-line': '#2f7f86',
  accountable: '#62c98f', claimed: '#93b8ea', split: '#e8ac58', unowned: '#ff8f86', lapsed: '#c5a6ea',
  'bar-accountable': '#3b9c67', 'bar-claimed': '#5580b8', 'bar-split': '#c27f24', 'bar-unowned': '#c94f47', 'bar-lapsed': '#8c68b5',
  critical: '#ff8f94', high: '#f5a06f', medium: '#dcb45c', low: '#b0bbbe',
  'warn-bg': '#241d10', 'warn-line': '#5f4a20', 'bad-bg': '#27161a', 'bad-line': '#6b3036', 'good-bg': '#11211a', 'good-line': '#2b5a41',
}

/** The accent is dark by day and light by night, and the library picks the words on it for the day only. */
const variantColors: VariantColorsResolver = (input) => {
  const chosen = defaultVariantColorsResolver(input)
  return input.variant === 'filled' ? { ...chosen, color: 'var(--onus-on-accent)' } : chosen
}

export const theme = createTheme({
  fontFamily: FONT,
  fontFamilyMonospace: MONO,
  colors: { teal: TEAL, dark: NIGHT },
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 3 },
  variantColorResolver: variantColors,
  defaultRadius: 4,
  focusRing: 'auto',
  respectReducedMotion: true,
  cursorType: 'pointer',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
})

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--onus-mono': MONO,
    '--onus-gutter': '1.5rem',
    '--onus-rail': '12.5rem',
  },
  light: themed(LIGHT),
  dark: themed(DARK),
})

function themed(palette: Palette): Record<string, string> {
  const own = Object.entries(palette).map(([name, value]) => [`--onus-${name}`, value])
  const used = (name: string): string => palette[name] ?? ''
  return {
    ...Object.fromEntries(own),
    // The library's own greys miss 4.5:1 in places; its parts take ours.
    '--mantine-color-body': used('page'),
    '--mantine-color-text': used('text'),
    '--mantine-color-dimmed': used('faint'),
    '--mantine-color-placeholder': used('faint'),
    '--mantine-color-default': used('panel'),
    '--mantine-color-default-hover': used('hover'),
    '--mantine-color-default-color': used('text'),
    '--mantine-color-default-border': used('line-strong'),
    '--mantine-color-anchor': used('accent'),
    '--mantine-color-error': used('unowned'),
  }
}
