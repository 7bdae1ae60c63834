import { createTheme, type CSSVariablesResolver } from '@mantine/core';

const SANS = '-apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';

const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

/** Greys a little towards blue, from text to the page. */
const DARK = [
  '#dfe3e7',
  '#c5cbd1',
  '#a0a8b0',
  '#7d868f',
  '#414a53',
  '#343b43',
  '#1f252a',
  '#191d21',
  '#14181b',
  '#111417',
] as const;

export const theme = createTheme({
  colors: { dark: DARK },
  primaryColor: 'cyan',
  primaryShade: 9,
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  defaultRadius: 'md',
  cursorType: 'pointer',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.375rem', lineHeight: '1.3' }, h2: { fontSize: '1rem' } } },
  components: {
    Tooltip: {
      defaultProps: { withArrow: true, multiline: true, maw: 320, events: { hover: true, focus: true, touch: true } },
    },
    Anchor: { defaultProps: { underline: 'hover' } },
  },
});

/** Mantine's own dimmed, error and placeholder colours have too little contrast for small text. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f6f7f8',
    '--mantine-color-text': '#1a1f24',
    '--mantine-color-dimmed': '#596068',
    '--mantine-color-placeholder': '#6b7279',
    '--mantine-color-error': '#c22525',
    '--mantine-color-anchor': '#0b6172',
    '--mantine-color-default-border': '#d5d9de',
  },
  dark: {
    '--mantine-color-body': '#111417',
    '--mantine-color-text': '#dfe3e7',
    '--mantine-color-dimmed': '#9aa3ac',
    '--mantine-color-placeholder': '#8b949d',
    '--mantine-color-error': '#ff8a8a',
    '--mantine-color-anchor': '#62cfe3',
    '--mantine-color-default': '#1d2227',
    '--mantine-color-default-hover': '#262c32',
    '--mantine-color-default-border': '#343b43',
  },
});
