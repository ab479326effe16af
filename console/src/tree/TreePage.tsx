import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Building2, Plus } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { mine, NO_RIGHTS } from '../api/access';
import { childrenOf, found, names, organization as organizationQuery } from '../api/organizations';
import { tops } from '../api/tops';
import type { Organization } from '../api/types';
import { isOperator } from '../api/users';
import { allowed, useDeeds } from '../organization/useDeeds';
import { Button } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Page } from '../ui/Page';
import { Empty, Loading } from '../ui/Parts';
import { Search } from '../ui/Search';
import { say } from '../ui/Toasts';
import { useSettled } from '../ui/useSettled';
import { Inspector } from './Inspector';
import { TreeStore } from './store';
import { Tree } from './Tree';

const TYPING_MS = 150;
/** How long somebody looks at an organization before it is asked what it is. */
const STAYED_MS = 150;
const route = getRouteApi('/signed-in/');

/** The tree of organizations, or those that are looked for, and beside it the one that is looked at. */
export function TreePage() {
  const operator = useQuery(isOperator);
  return operator.data === undefined ? operator.error ? <ErrorNote error={operator.error} /> : <Loading /> : <TreeOf operator={operator.data} />;
}

function TreeOf({ operator }: { operator: boolean }) {
  const navigate = route.useNavigate();
  const { selected, settled, select, stay } = useSelection();
  const store = useMemo(() => new TreeStore((parent, token) => (parent === null ? tops(operator, token) : childrenOf(parent, token))), [operator]);
  const rows = useSyncExternalStore(store.subscribe, store.rows);
  const [text, setText] = useState('');
  const asked = useSettled(text.trim(), TYPING_MS);
  const rights = useQuery({ ...mine(settled ?? ''), enabled: settled !== undefined }).data ?? NO_RIGHTS;

  useEffect(() => void store.begin(), [store]);
  useReveal(store, settled);

  const open = useCallback((id: string) => void navigate({ to: '/organizations/$id', params: { id } }), [navigate]);
  const show = async (organization: Organization) => {
    stay(organization.id);
    await store.reload(organization.parent?.id ?? null);
    await store.reveal(organization);
  };
  const deeds = useDeeds({
    created: (organization) => void show(organization),
    renamed: (organization) => store.put(organization),
    moved: (organization, from) => void store.reload(from).then(() => show(organization)),
    deleted: (organization) => {
      void store.reload(organization.parent?.id ?? null);
      stay(undefined);
    },
  });
  const { move, of } = deeds;
  const { may } = rights;
  const menu = useCallback((organization: Organization) => (organization.id === settled ? allowed(of(organization), may) : []), [of, may, settled]);
  const drop = useCallback(
    (id: string, parent: string) => {
      const moved = store.organization(id);
      if (moved?.parent?.id === parent) say(`${moved.name} is there already`);
      else if (moved) move(moved, parent);
    },
    [store, move],
  );
  const create = (
    <Button tone="primary" onPress={() => deeds.create(null)}>
      <Plus aria-hidden /> New root organization
    </Button>
  );
  return (
    <Page title="Organizations" lead="Everything you can see, from the top down. Drag an organization onto another one to move it." actions={create}>
      <div className="row">
        <Search label="Search organizations by name" value={text} onChange={setText} />
      </div>
      <div className="tree-page" data-inspector={settled ? 'some' : 'none'}>
        <section className="card" aria-label="Tree">
          {asked ? (
            <Found text={asked} />
          ) : rows.length === 0 ? (
            <Empty picture={Building2} title="No organizations yet" action={create}>
              An organization holds accounts, members and other organizations. Roles that somebody has in one hold for everything below it. Begin with a root.
            </Empty>
          ) : (
            <Tree store={store} selected={selected} onSelect={select} onOpen={open} deeds={menu} onMove={drop} />
          )}
        </section>
        {settled && <Inspector id={settled} isLeft={selected !== settled} rights={rights} deeds={deeds.of} />}
      </div>
      {deeds.dialog}
    </Page>
  );
}

/**
 * The organization that is looked at. It follows every key at once, while the address and what is asked of the server wait
 * until the reader stays somewhere.
 */
function useSelection() {
  const { selected: named } = route.useSearch();
  const navigate = route.useNavigate();
  const [selected, select] = useState(named);
  const [settled, setSettled] = useState(named);
  const [seen, setSeen] = useState(named);
  if (named !== seen) {
    setSeen(named);
    if (named !== settled) {
      setSettled(named);
      select(named);
    }
  }
  const stay = useCallback(
    (id: string | undefined) => {
      select(id);
      setSettled(id);
      void navigate({ search: id === undefined ? {} : { selected: id }, replace: true, resetScroll: false });
    },
    [navigate],
  );
  useEffect(() => {
    if (selected === settled) return;
    const timer = setTimeout(() => stay(selected), STAYED_MS);
    return () => clearTimeout(timer);
  }, [selected, settled, stay]);
  return { selected, settled, select, stay };
}

/** Opens the tree down to an organization that the address names. */
function useReveal(store: TreeStore, id: string | undefined): void {
  const wanted = useRef(id);
  const { data } = useQuery({ ...organizationQuery(id ?? ''), enabled: id !== undefined });
  useEffect(() => {
    if (!data || wanted.current !== data.value.id || store.organization(data.value.id)) return;
    wanted.current = undefined;
    void store.reveal(data.value);
  }, [store, data]);
}

/** What has a text in its name, each with where it is. */
function Found({ text }: { text: string }) {
  const query = useQuery(found(text));
  const list = query.data?.result ?? [];
  const above = useQuery(names(list.flatMap(({ id, meta }) => meta.hierarchy_tags.filter((tag) => tag !== id)))).data;
  if (query.error) return <ErrorNote error={query.error} />;
  if (!query.data) return <Loading />;
  if (list.length === 0) {
    return (
      <Empty picture={Building2} title="Nothing found">
        No organization that you can see has “{text}” in its name.
      </Empty>
    );
  }
  return (
    <ul className="found" aria-label="Found organizations">
      {list.map(({ id, name, meta }) => (
        <li key={id}>
          <Link to="/organizations/$id" params={{ id }}>
            {name}
            <span className="small soft clip path">
              {meta.hierarchy_tags
                .filter((tag) => tag !== id)
                .map((tag) => above?.get(tag) ?? '…')
                .join(' › ') || 'at the top'}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
