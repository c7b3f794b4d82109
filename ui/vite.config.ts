import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  clearScreen: false,
  resolve: {
    alias: { $lib: '/src/lib' },
    // Svelte's client build also under vitest, which would otherwise take the server's.
    ...(mode === 'test' ? { conditions: ['browser'] } : {}),
  },
  server: { port: 1420, strictPort: true, host: '127.0.0.1' },
  build: {
    target: 'safari17',
    // The content security policy allows no data: addresses and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    // By default one core is left idle: of two that is half of them.
    maxWorkers: '100%',
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    // axe takes seconds where Rust is built at the same time.
    testTimeout: 30_000,
    setupFiles: ['src/lib/testing.ts'],
  },
}));
