import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { onSignedOut } from './api/client';
import { ApiError } from './api/error';
import { session } from './api/session';
import { makeRouter } from './router';
import { applyTheme } from './shell/theme';
import { Toasts } from './ui/Toasts';
import './styles/index.css';

const TRIES_MAX = 2;
const FRESH_MS = 10_000;

applyTheme();

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // What the server refuses it refuses again; what it could not answer it may answer now.
      retry: (tries, error) => tries < TRIES_MAX && !(error instanceof ApiError && error.status < 500 && error.status !== 429),
    },
  },
});
const router = makeRouter(queryClient);

onSignedOut(() => {
  if (!queryClient.getQueryData(session.queryKey)) return;
  queryClient.setQueryData(session.queryKey, null);
  void router.invalidate();
});

const place = document.getElementById('root');
if (place) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </StrictMode>,
  );
}
