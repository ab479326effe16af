import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { AuditEntry } from '../api/types';
import { entries, type Log, type Span } from './api';
import { type AuditSearch, span } from './search';

const TAIL_MS = 2000;
/** How late an entry may be seen: transactions overtake one another. */
const OVERLAP_MS = 10_000;
const TAIL_MAX = 1000;

/** Where a page of the log goes on. */
interface Next {
  span: Span;
  cursor: string;
}

/** The entries that an address is about, newest first; while it is live, also those that are written meanwhile. */
export function useLog(log: Log, search: AuditSearch, live: boolean) {
  const key = JSON.stringify([log, search]);
  const query = useInfiniteQuery({
    queryKey: ['audit', key],
    queryFn: async ({ pageParam }) => {
      const now = Date.now();
      const times = pageParam?.span ?? span(search, now);
      const page = await entries(log, search, times, { direction: 'desc', cursor: pageParam?.cursor });
      return { entries: page.result, cursor: page.result_info?.cursor, span: times, now };
    },
    initialPageParam: undefined as Next | undefined,
    getNextPageParam: ({ cursor, span: times }) => (cursor ? { span: times, cursor } : undefined),
  });
  const first = query.data?.pages[0];
  const { entries: fresh, error } = useTail(log, search, live ? first?.now : undefined, key);
  const { fetchNextPage, hasNextPage, isFetching, refetch } = query;
  const more = useCallback(() => {
    if (!isFetching) void fetchNextPage();
  }, [fetchNextPage, isFetching]);
  const old = useMemo(() => query.data?.pages.flatMap((page) => page.entries), [query.data]);
  return {
    span: first?.span,
    entries: useMemo(() => merged(fresh, old), [fresh, old]),
    error: query.error ?? error,
    more: hasNextPage ? more : undefined,
    reload: () => void refetch(),
  };
}

function merged(fresh: AuditEntry[], old: AuditEntry[] | undefined): AuditEntry[] | undefined {
  if (!old || fresh.length === 0) return old;
  const known = new Set(old.map(({ id }) => id));
  return [...fresh.filter(({ id }) => !known.has(id)), ...old];
}

interface Tail {
  key: string;
  entries: AuditEntry[];
  error?: unknown;
}

const NOTHING: AuditEntry[] = [];

/** The entries that were written since a moment, newest first; none while there is no moment. */
function useTail(log: Log, search: AuditSearch, since: number | undefined, key: string): { entries: AuditEntry[]; error?: unknown } {
  const [tail, setTail] = useState<Tail>({ key, entries: NOTHING });
  const latest = useRef({ log, search });
  useEffect(() => {
    latest.current = { log, search };
  });
  useEffect(() => {
    if (since === undefined) return;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    let newest = since;
    const look = async () => {
      try {
        const times = { since: new Date(newest - OVERLAP_MS).toISOString(), before: new Date(Date.now() + OVERLAP_MS).toISOString() };
        const page = await entries(latest.current.log, latest.current.search, times, { direction: 'desc', limit: TAIL_MAX });
        if (stopped) return;
        newest = Math.max(newest, ...page.result.map(({ action }) => Date.parse(action.time)));
        setTail((before) => ({ key, entries: (merged(page.result, before.key === key ? before.entries : NOTHING) ?? NOTHING).slice(0, TAIL_MAX) }));
      } catch (error) {
        if (!stopped) setTail((before) => ({ ...before, error }));
      }
      if (!stopped) timer = setTimeout(() => void look(), TAIL_MS);
    };
    void look();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [since, key]);
  return tail.key === key ? tail : { entries: NOTHING };
}
