import optimizeLocales from '@react-aria/optimize-locales-plugin';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { standIn } from './tests/harness/stand-in.mjs';

/** In development the requests to the API go to the server that UMBEL_URL names, signed in by UMBEL_TOKEN. */
function api(): Plugin {
  return {
    name: 'umbel-api',
    configureServer(server) {
      const upstream = process.env['UMBEL_URL'] ?? 'http://127.0.0.1:8787';
      const token = process.env['UMBEL_TOKEN'];
      const people = token ? [{ email: 'you', password: '', headers: { authorization: `Bearer ${token}` } }] : [];
      const answer = standIn({ upstream, people, signedIn: token !== undefined });
      server.middlewares.use((request, response, next) => {
        if (!answer(request, response)) next();
      });
    },
  };
}

export default defineConfig({
  base: '/console/',
  // The console speaks English: what React Aria would say in other languages stays out.
  plugins: [{ ...optimizeLocales.vite({ locales: ['en-US'] }), enforce: 'pre' }, react(), api()],
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
