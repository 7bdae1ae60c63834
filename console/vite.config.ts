import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  // Its links are made whole by who serves it, since only that knows where it is mounted.
  base: './',
  build: {
    outDir: here('../dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy takes scripts, styles and images of this origin only: nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    // Mantine marks its modules for servers that render; this is none.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});
