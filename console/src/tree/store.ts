import type { Organization } from '../api/types';

/** A page of organizations. */
export interface OrganizationPage {
  result: Organization[];
  result_info?: { next_page_token?: string };
}

/** Where the organizations come from: a page of those below one, or of the topmost. */
export type Source = (parent: string | null, token: string | undefined) => Promise<OrganizationPage>;

/** A line of the tree as it is shown. */
export type Row =
  | { kind: 'organization'; id: string; parent: string | null; level: number; position: number; size: number }
  | { kind: 'more'; parent: string | null; level: number }
  | { kind: 'failed'; parent: string | null; level: number; error: unknown };

interface Branch {
  ids: string[];
  next: string | undefined;
  state: 'new' | 'loading' | 'ready' | 'failed';
  error?: unknown;
}

/** Pages that are read to find one organization among its siblings. */
const REVEAL_PAGES_MAX = 40;
const UNKNOWN_SIZE = -1;

/**
 * The part of the tree that was looked at, as a flat list of rows.
 *
 * It is no React state: a change makes the list anew in one pass over what is open, which takes some milliseconds for
 * 100,000 rows, and only rows in sight are rendered.
 */
export class TreeStore {
  readonly #source: Source;
  readonly #organizations = new Map<string, Organization>();
  readonly #branches = new Map<string | null, Branch>();
  readonly #open = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #rows: Row[] = [];
  #dragged: string | undefined;

  constructor(source: Source) {
    this.#source = source;
    this.#changed();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly rows = (): Row[] => this.#rows;

  organization(id: string): Organization | undefined {
    return this.#organizations.get(id);
  }

  /** What is dragged now: a browser does not tell before it is dropped. */
  dragged(): string | undefined {
    return this.#dragged;
  }

  drag(id: string | undefined): void {
    this.#dragged = id;
  }

  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** Whether it is known that nothing is below it. */
  isLeaf(id: string): boolean {
    const branch = this.#branches.get(id);
    return branch?.state === 'ready' && branch.next === undefined && branch.ids.length === 0;
  }

  open(id: string): void {
    if (this.#open.has(id) || this.isLeaf(id)) return;
    this.#open.add(id);
    if (this.#branch(id).state === 'new') void this.more(id);
    else this.#changed();
  }

  close(id: string): void {
    if (this.#open.delete(id)) this.#changed();
  }

  /** Gets the topmost organizations; when there is only one, it opens. */
  async begin(): Promise<void> {
    await this.more(null);
    const [only, ...others] = this.#branch(null).ids;
    if (only !== undefined && others.length === 0) this.open(only);
  }

  /** Gets what is below an organization before it is opened. */
  prepare(id: string): void {
    if (this.#branch(id).state === 'new') void this.more(id);
  }

  /** Gets the next page of what is below an organization, or of the topmost. */
  async more(parent: string | null): Promise<void> {
    const branch = this.#branch(parent);
    if (branch.state === 'loading' || (branch.state === 'ready' && branch.next === undefined)) return;
    branch.state = 'loading';
    this.#told(parent);
    try {
      const page = await this.#source(parent, branch.next);
      if (this.#branches.get(parent) !== branch) return;
      for (const organization of page.result) this.#organizations.set(organization.id, organization);
      const known = new Set(branch.ids);
      branch.ids = branch.ids.concat(page.result.map(({ id }) => id).filter((id) => !known.has(id)));
      branch.next = page.result_info?.next_page_token || undefined;
      branch.state = 'ready';
      if (parent !== null && this.isLeaf(parent) && this.#open.delete(parent)) this.#changed();
    } catch (error) {
      branch.state = 'failed';
      branch.error = error;
    }
    this.#told(parent);
  }

  /** Gets anew what is below an organization, or the topmost; what is open stays so. */
  async reload(parent: string | null): Promise<void> {
    this.#branches.delete(parent);
    await this.more(parent);
  }

  /** Opens everything above an organization, and finds it there; answers whether it was found. */
  async reveal(organization: Organization): Promise<boolean> {
    let parent: string | null = null;
    for (const id of organization.meta.hierarchy_tags) {
      if (!(await this.#find(parent, id))) continue;
      if (id !== organization.id) this.#open.add(id);
      parent = id;
    }
    this.#changed();
    return parent === organization.id;
  }

  /** Puts what the server says of an organization into its place. */
  put(organization: Organization): void {
    this.#organizations.set(organization.id, organization);
    this.#changed();
  }

  async #find(parent: string | null, id: string): Promise<boolean> {
    for (let page = 0; page < REVEAL_PAGES_MAX; page += 1) {
      const branch = this.#branch(parent);
      if (branch.ids.includes(id)) return true;
      if (branch.state === 'failed' || (branch.state === 'ready' && branch.next === undefined)) return false;
      if (branch.state === 'loading') await this.#settled(branch);
      else await this.more(parent);
    }
    return false;
  }

  #settled(branch: Branch): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.subscribe(() => {
        if (branch.state === 'loading') return;
        stop();
        resolve();
      });
    });
  }

  #branch(parent: string | null): Branch {
    let branch = this.#branches.get(parent);
    if (!branch) {
      branch = { ids: [], next: undefined, state: 'new' };
      this.#branches.set(parent, branch);
    }
    return branch;
  }

  /** Something below an organization has changed: the list only when that is shown, else no more than its own row. */
  #told(parent: string | null): void {
    if (parent === null || this.#open.has(parent)) return this.#changed();
    this.#tell([...this.#rows]);
  }

  #changed(): void {
    const rows: Row[] = [];
    this.#append(rows, null, 1);
    this.#tell(rows);
  }

  #tell(rows: Row[]): void {
    this.#rows = rows;
    for (const listener of [...this.#listeners]) listener();
  }

  #append(rows: Row[], parent: string | null, level: number): void {
    const branch = this.#branches.get(parent);
    if (!branch) return;
    const size = branch.next === undefined && branch.state === 'ready' ? branch.ids.length : UNKNOWN_SIZE;
    let position = 0;
    for (const id of branch.ids) {
      position += 1;
      rows.push({ kind: 'organization', id, parent, level, position, size });
      if (this.#open.has(id)) this.#append(rows, id, level + 1);
    }
    if (branch.state === 'failed') rows.push({ kind: 'failed', parent, level, error: branch.error });
    else if (branch.state === 'loading' || branch.next !== undefined) rows.push({ kind: 'more', parent, level });
  }
}
