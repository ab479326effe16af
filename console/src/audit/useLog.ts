import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { AuditEntry } from '../api/types';
import { entries, type Log } from './api';
import { type AuditSearch, span } from './search';

const TAIL_MS = 2000;
/** How late an entry may be seen: transactions overtake one another. */
const OVERLAP_MS = 10_000;
const TAIL_MAX = 1000;

/** The entries that an address is about, newest first; while it is live, also those that are written meanwhile. */
export function useLog(log: Log, search: AuditSearch, live: boolean) {
  const key = JSON.stringify([log, search]);
  const [opened, setOpened] = useState({ key, at: Date.now() });
  if (opened.key !== key) setOpened({ key, at: Date.now() });
  const shown = useMemo(() => span(search, opened.at), [search, opened.at]);
  const query = useInfiniteQuery({
    queryKey: ['audit', key, opened.at],
    queryFn: ({ pageParam }) => entries(log, search, shown, { direction: 'desc', cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.result_info?.cursor || undefined,
    staleTime: Infinity,
  });
  const { entries: fresh, error } = useTail(log, search, live, key, opened.at);
  const { fetchNextPage, hasNextPage, isFetching } = query;
  const more = useCallback(() => {
    if (!isFetching) void fetchNextPage();
  }, [fetchNextPage, isFetching]);
  const old = useMemo(() => query.data?.pages.flatMap((page) => page.result), [query.data]);
  return {
    span: shown,
    entries: useMemo(() => merged(fresh, old), [fresh, old]),
    error: query.error ?? error,
    more: hasNextPage ? more : undefined,
    reload: () => setOpened({ key, at: Date.now() }),
  };
}

function merged(fresh: AuditEntry[], old: AuditEntry[] | undefined): AuditEntry[] | undefined {
  if (!old || fresh.length === 0) return old;
  const known = new Set(old.map(({ id }) => id));
  return [...fresh.filter(({ id }) => !known.has(id)), ...old];
}

/** The entries that were written since the page was opened, newest first. */
function useTail(log: Log, search: AuditSearch, live: boolean, key: string, opened: number) {
  const [tail, setTail] = useState<{ key: string; entries: AuditEntry[]; error?: unknown }>({ key, entries: [] });
  const latest = useRef({ log, search });
  useEffect(() => {
    latest.current = { log, search };
  });
  useEffect(() => {
    if (!live) return;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    let newest = opened;
    const look = async () => {
      try {
        const { log, search } = latest.current;
        const times = { since: new Date(newest - OVERLAP_MS).toISOString(), before: new Date(Date.now() + OVERLAP_MS).toISOString() };
        const page = await entries(log, search, times, { direction: 'desc', limit: TAIL_MAX });
        if (stopped) return;
        newest = Math.max(newest, ...page.result.map(({ action }) => Date.parse(action.time)));
        setTail((before) => ({ key, entries: merged(page.result, before.key === key ? before.entries : [])?.slice(0, TAIL_MAX) ?? [] }));
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
  }, [live, key, opened]);
  return tail.key === key ? tail : { entries: [], error: undefined };
}
