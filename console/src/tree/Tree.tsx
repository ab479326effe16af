import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef, useSyncExternalStore } from 'react';
import type { Organization } from '../api/types';
import type { Deed } from '../ui/Menu';
import { FailedRow, MoreRow, OrganizationRow } from './TreeRow';
import type { Row, TreeStore } from './store';
import './tree.css';

const ROW_HEIGHT = 38;
const ROWS_BESIDE = 16;

interface TreeProps {
  store: TreeStore;
  /** The organization that is looked at. */
  selected: string | undefined;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
  /** What can be done with an organization; what cannot be done is left out. */
  deeds: (organization: Organization) => Deed[];
  onMove: (id: string, parent: string) => void;
}

/** The tree of organizations: a grid of rows in levels, of which only those in sight are in the document. */
export function Tree({ store, selected, onSelect, onOpen, deeds, onMove }: TreeProps) {
  const rows = useSyncExternalStore(store.subscribe, store.rows);
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: ROWS_BESIDE,
  });
  const current = selected === undefined ? -1 : rows.findIndex((row) => row.kind === 'organization' && row.id === selected);
  const focused = current === -1 ? rows.findIndex((row) => row.kind === 'organization') : current;

  const go = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row?.kind !== 'organization') return;
    virtual.scrollToIndex(rows.indexOf(row));
    onSelect(row.id);
    focusRow(frame.current, row.id);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    const row = rows[focused];
    if (target.getAttribute('role') !== 'row' || row?.kind !== 'organization') return;
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
    const run = KEYS[event.key];
    if (!run || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    run({ store, rows, row, index: focused, page, go, open: onOpen });
  };

  // Who comes from a link sees the organization that the link is about.
  const seen = useRef<string>(undefined);
  useEffect(() => {
    if (current === -1 || seen.current === selected) return;
    seen.current = selected;
    virtual.scrollToIndex(current, { align: 'auto' });
  }, [current, selected, virtual]);

  return (
    <div
      className="tree"
      ref={frame}
      role="treegrid"
      aria-label="Organizations"
      aria-rowcount={rows.length}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" className="tree-length" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index] as Row;
          const place = { index: item.index, top: item.start };
          if (row.kind === 'more') return <MoreRow key={`more ${row.parent}`} row={row} store={store} {...place} />;
          if (row.kind === 'failed') return <FailedRow key={`failed ${row.parent}`} row={row} store={store} {...place} />;
          return (
            <OrganizationRow
              key={row.id}
              row={row}
              store={store}
              {...place}
              isSelected={row.id === selected}
              isTabStop={item.index === focused}
              isOpen={store.isOpen(row.id)}
              isLeaf={store.isLeaf(row.id)}
              onSelect={onSelect}
              onOpen={onOpen}
              deeds={deeds}
              onMove={onMove}
            />
          );
        })}
      </div>
    </div>
  );
}

interface Press {
  store: TreeStore;
  rows: Row[];
  row: Extract<Row, { kind: 'organization' }>;
  index: number;
  page: number;
  go: (index: number) => void;
  open: (id: string) => void;
}

/** What keys do: those of the tree grid pattern of ARIA. */
const KEYS: Record<string, (press: Press) => void> = {
  ArrowDown: ({ go, index }) => go(index + 1),
  ArrowUp: ({ go, index }) => go(index - 1),
  Home: ({ go }) => go(0),
  End: ({ go, rows }) => go(rows.length - 1),
  PageDown: ({ go, index, page }) => go(index + page),
  PageUp: ({ go, index, page }) => go(index - page),
  Enter: ({ open, row }) => open(row.id),
  ArrowRight: ({ store, row, go, index }) => {
    if (store.isOpen(row.id)) go(index + 1);
    else store.open(row.id);
  },
  ArrowLeft: ({ store, row, rows, go }) => {
    if (store.isOpen(row.id)) store.close(row.id);
    else if (row.parent !== null) go(rows.findIndex((one) => one.kind === 'organization' && one.id === row.parent));
  },
};

/** Focuses a row once it is in the document, which takes a frame or two when it was out of sight. */
function focusRow(frame: HTMLElement | null, id: string, tries = 5): void {
  requestAnimationFrame(() => {
    const row = frame?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
    if (row) row.focus({ preventScroll: true });
    else if (tries > 0) focusRow(frame, id, tries - 1);
  });
}
