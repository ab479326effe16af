import optimizeLocales from '@react-aria/optimize-locales-plugin';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** In development the requests to the API go to the server that UMBEL_URL names. */
const upstream = process.env['UMBEL_URL'] ?? 'http://127.0.0.1:8787';

export default defineConfig({
  base: '/console/',
  // The console speaks English: what React Aria would say in other languages stays out.
  plugins: [{ ...optimizeLocales.vite({ locales: ['en-US'] }), enforce: 'pre' }, react()],
  server: { proxy: { '^/(client/v4|umbel/v1|healthz$|readyz$)': { target: upstream } } },
  build: {
    target: 'es2023',
    rolldownOptions: { input: ['index.html', 'docs.html'] },
    // The policy of the server allows no data: URL, so that every asset is a file.
    assetsInlineLimit: 0,
    manifest: true,
    // The reference of the API is one large library, on a page of its own.
    chunkSizeWarningLimit: 1600,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
