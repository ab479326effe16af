import { ChevronRight } from 'lucide-react';
import { type CSSProperties, memo, useEffect, useRef } from 'react';
import { useDrag, useDrop } from 'react-aria';
import type { Organization } from '../api/types';
import { asApiError } from '../api/error';
import { Button } from '../ui/Button';
import { type Deed, Menu } from '../ui/Menu';
import { count, sentence } from '../ui/words';
import type { Row, TreeStore } from './store';

const DRAGGED = 'application/x-umbel-organization';
/** How long a row is in sight before it is found out what is below it: what only scrolls by costs nothing. */
const IN_SIGHT_MS = 250;

interface Place {
  store: TreeStore;
  index: number;
  top: number;
}

interface OrganizationRowProps extends Place {
  row: Extract<Row, { kind: 'organization' }>;
  isSelected: boolean;
  isTabStop: boolean;
  isOpen: boolean;
  isLeaf: boolean;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
  deeds: (organization: Organization) => Deed[];
  onMove: (id: string, parent: string) => void;
}

/** An organization in the tree. It can be dragged onto another one; by the keyboard it moves through its menu. */
export const OrganizationRow = memo(function OrganizationRow(props: OrganizationRowProps) {
  const { store, row, index, top, isSelected, isTabStop, isOpen, isLeaf, onSelect, onOpen, deeds, onMove } = props;
  const ref = useRef<HTMLDivElement>(null);
  const organization = store.organization(row.id);
  const { dragProps, isDragging } = useDrag({
    hasDragButton: true,
    getItems: () => [{ [DRAGGED]: row.id, 'text/plain': organization?.name ?? row.id }],
    onDragStart: () => store.drag(row.id),
    onDragEnd: () => store.drag(undefined),
  });
  const { dropProps, isDropTarget } = useDrop({
    ref,
    getDropOperation: (types) => (types.has(DRAGGED) && canHold(organization, store.dragged()) ? 'move' : 'cancel'),
    onDropActivate: () => store.open(row.id),
    onDrop: () => {
      const dragged = store.dragged();
      if (dragged !== undefined && canHold(organization, dragged)) onMove(dragged, row.id);
    },
  });
  useEffect(() => {
    const timer = setTimeout(() => store.prepare(row.id), IN_SIGHT_MS);
    return () => clearTimeout(timer);
  }, [store, row.id]);
  if (!organization) return null;

  const toggle = () => (isOpen ? store.close(row.id) : store.open(row.id));
  const off = Object.values(organization.meta.tenant_flags).filter((flag) => flag === 'disabled').length;
  return (
    // The keys of the grid are handled by the tree around the rows.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      {...dragProps}
      {...dropProps}
      ref={ref}
      role="row"
      className="tree-row"
      data-id={row.id}
      data-drop={isDropTarget || undefined}
      data-dragging={isDragging || undefined}
      tabIndex={isTabStop ? 0 : -1}
      aria-rowindex={index + 1}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.size}
      aria-selected={isSelected}
      aria-expanded={isLeaf ? undefined : isOpen}
      style={{ transform: `translateY(${top}px)`, '--level': row.level } as CSSProperties}
      onClick={() => onSelect(row.id)}
      onFocus={(event) => event.target === event.currentTarget && onSelect(row.id)}
      onDoubleClick={() => onOpen(row.id)}
    >
      <div role="gridcell" className="tree-name">
        <span
          className="twist"
          data-open={isOpen || undefined}
          data-leaf={isLeaf || undefined}
          aria-hidden
          onClick={(event) => {
            event.stopPropagation();
            toggle();
          }}
        >
          <ChevronRight />
        </span>
        <span className="clip">{organization.name}</span>
      </div>
      <div role="gridcell" className="tree-note clip">
        {off > 0 && count(off, 'flag off', 'flags off')}
      </div>
      <div role="gridcell" className="tree-deeds">
        {isSelected && <Menu label={`Actions for ${organization.name}`} deeds={deeds(organization)} />}
      </div>
    </div>
  );
});

/** Whether an organization can be put below another one as far as the tree says: not below itself, and not where it is. */
function canHold(target: Organization | undefined, moved: string | undefined): boolean {
  if (!target || moved === undefined) return false;
  return !target.meta.hierarchy_tags.includes(moved);
}

/** Stands for the organizations of the next page, and gets it when it comes into sight. */
export function MoreRow({ row, store, index, top }: Place & { row: Extract<Row, { kind: 'more' }> }) {
  useEffect(() => {
    void store.more(row.parent);
  }, [store, row]);
  return (
    <div role="row" className="tree-row" aria-rowindex={index + 1} aria-level={row.level} style={{ transform: `translateY(${top}px)`, '--level': row.level } as CSSProperties}>
      <div role="gridcell" className="tree-name soft">
        <span className="twist" data-leaf />
        Loading…
      </div>
    </div>
  );
}

/** Says that a page could not be had, and offers to try again. */
export function FailedRow({ row, store, index, top }: Place & { row: Extract<Row, { kind: 'failed' }> }) {
  return (
    <div role="row" className="tree-row" aria-rowindex={index + 1} aria-level={row.level} style={{ transform: `translateY(${top}px)`, '--level': row.level } as CSSProperties}>
      <div role="gridcell" className="tree-name">
        <span className="clip">{sentence(asApiError(row.error).message)}</span>
        <Button size="small" onPress={() => void store.more(row.parent)}>
          Try again
        </Button>
      </div>
    </div>
  );
}
