import type { UIConfig } from '@bull-board/api/typings/app';

/** Served below the dashboard's path: its own favicon, and its logo. */
export const LOGO_PATH = '/brand.svg';

export const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="8" fill="#4c5fd5" />
  <path d="M13 9 8 14l5 5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" />
  <path d="M8.500 14H19a5 5 0 0 1 0 10h-5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" />
</svg>
`;

/** Bull Board's own fonts come from elsewhere. */
const FONTS = {
  'font-sans': 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  'font-mono': 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  radius: '0.5rem',
};

const LIGHT = {
  ...FONTS,
  background: '#f5f6fa',
  foreground: '#1e2433',
  card: '#ffffff',
  popover: '#ffffff',
  primary: '#4453c4',
  'primary-foreground': '#ffffff',
  secondary: '#e8eaf2',
  'secondary-foreground': '#333b50',
  muted: '#edeff5',
  'muted-foreground': '#5a6379',
  accent: '#eceefb',
  'accent-foreground': '#2b3487',
  border: '#e0e3ec',
  input: '#cfd4e1',
  ring: '#4453c4',
  sidebar: '#eceef5',
  'sidebar-foreground': '#333b50',
  'sidebar-accent': '#dfe3f5',
  'sidebar-border': '#dcdfea',
};

const DARK = {
  ...FONTS,
  background: '#12151f',
  foreground: '#d8dce8',
  card: '#1a1f2c',
  popover: '#1f2534',
  primary: '#98a6ff',
  'primary-foreground': '#12163a',
  secondary: '#252c3d',
  'secondary-foreground': '#bcc3d6',
  muted: '#222838',
  'muted-foreground': '#929bb2',
  accent: '#262d4a',
  'accent-foreground': '#d8dce8',
  border: '#2a3143',
  input: '#363f55',
  ring: '#98a6ff',
  sidebar: '#0f121a',
  'sidebar-foreground': '#aab2c7',
  'sidebar-accent': '#20263c',
  'sidebar-border': '#222838',
};

/** How the dashboard looks: the product's name and colours, and the way back to the console. */
export function uiConfig(basePath: string): UIConfig {
  const logo = `${basePath}${LOGO_PATH}`;
  return {
    boardTitle: 'Backstep',
    boardLogo: { path: logo, width: 28, height: 28 },
    favIcon: { default: logo, alternative: logo },
    miscLinks: [
      { text: 'Console', url: '/console' },
      { text: 'Inbox', url: '/console/inbox' },
    ],
    hideDocsLink: true,
    locale: { lng: 'en-US' },
    theme: { light: LIGHT, dark: DARK },
  };
}
