import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';

/** A column: its heading, and what a row has in it. */
export interface Column<Row> {
  name: string;
  /** Whether the heading is seen or only heard. */
  heading?: 'seen' | 'hidden';
  cell: (row: Row) => ReactNode;
  align?: 'start' | 'end';
  /** The column that names the row. */
  main?: true;
}

interface TableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  id: (row: Row) => string;
  /** Gets the next page; absent when everything is there. */
  more?: (() => void) | undefined;
  footer?: ReactNode;
}

const ROW_HEIGHT = 49;
const ROWS_BESIDE = 12;
/** Rows before the end at which the next page is asked for. */
const EAGER = 30;

/** Rows of any number, of which only those in sight are in the document. */
export function Table<Row>({ label, columns, rows, id, more, footer }: TableProps<Row>) {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: ROWS_BESIDE,
    getItemKey: (index) => id(rows[index] as Row),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (more && last >= rows.length - EAGER) more();
  }, [more, last, rows.length]);

  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    // A frame that scrolls has to be reachable by the keyboard: its rows need not have anything that can be focused.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="table-frame" ref={frame} tabIndex={0} role="region" aria-label={label}>
      <table className="table" data-narrow="cards" aria-label={label} aria-rowcount={more ? -1 : rows.length + 1}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={column.align === 'end' ? 'end' : undefined}>
                <span className={column.heading === 'hidden' ? 'visually-hidden' : undefined}>{column.name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={before} span={columns.length} />
          {items.map((item) => {
            const row = rows[item.index] as Row;
            return (
              <tr key={item.key} ref={virtual.measureElement} data-index={item.index} aria-rowindex={item.index + 2}>
                {columns.map((column) => (
                  <td
                    key={column.name}
                    className={column.align === 'end' ? 'end' : undefined}
                    data-main={column.main}
                    data-label={column.main || column.heading === 'hidden' ? undefined : column.name}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Gap height={after} span={columns.length} />
        </tbody>
        {footer}
      </table>
    </div>
  );
}

/** Stands for rows that are out of sight. */
function Gap({ height, span }: { height: number; span: number }) {
  if (height <= 0) return null;
  return (
    <tr className="gap" aria-hidden>
      <td colSpan={span} style={{ height }} />
    </tr>
  );
}
