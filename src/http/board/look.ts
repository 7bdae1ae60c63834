import type { UIConfig } from '@bull-board/api/typings/app';

/** Served below the dashboard's path: its own favicon, and its logo. */
export const LOGO_PATH = '/brand.svg';

export const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="8" fill="#0b7285" />
  <path d="M13 9 8 14l5 5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" />
  <path d="M8.500 14H19a5 5 0 0 1 0 10h-5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" />
</svg>
`;

/** Bull Board's own fonts come from elsewhere. */
const FONTS = {
  'font-sans': '-apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif',
  'font-mono': 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  radius: '0.5rem',
};

const LIGHT = {
  ...FONTS,
  background: '#f6f7f8',
  foreground: '#1a1f24',
  card: '#ffffff',
  popover: '#ffffff',
  primary: '#0b7285',
  'primary-foreground': '#ffffff',
  secondary: '#e9ecef',
  'secondary-foreground': '#333b42',
  muted: '#eef0f2',
  'muted-foreground': '#596068',
  accent: '#e3f4f7',
  'accent-foreground': '#0b5566',
  border: '#dfe3e7',
  input: '#d0d6db',
  ring: '#0b7285',
  sidebar: '#edf0f2',
  'sidebar-foreground': '#333b42',
  'sidebar-accent': '#d5ecf1',
  'sidebar-border': '#dde2e6',
};

const DARK = {
  ...FONTS,
  background: '#111417',
  foreground: '#dfe3e7',
  card: '#191e23',
  popover: '#1f252b',
  primary: '#3bc9db',
  'primary-foreground': '#05262d',
  secondary: '#252c33',
  'secondary-foreground': '#c0c7cd',
  muted: '#22282e',
  'muted-foreground': '#9aa3ac',
  accent: '#1d3540',
  'accent-foreground': '#dfe3e7',
  border: '#2b3238',
  input: '#39424a',
  ring: '#3bc9db',
  sidebar: '#0e1113',
  'sidebar-foreground': '#adb5bc',
  'sidebar-accent': '#1a2f39',
  'sidebar-border': '#22282e',
};

/** How the dashboard looks: the product's name and colours, and the way back to the console. */
export function uiConfig(mount: string, basePath: string): UIConfig {
  const logo = `${basePath}${LOGO_PATH}`;
  return {
    boardTitle: 'Backstep',
    boardLogo: { path: logo, width: 28, height: 28 },
    favIcon: { default: logo, alternative: logo },
    miscLinks: [
      { text: 'Console', url: `${mount}/console` },
      { text: 'Inbox', url: `${mount}/console/inbox` },
    ],
    hideDocsLink: true,
    locale: { lng: 'en-US' },
    theme: { light: LIGHT, dark: DARK },
  };
}
