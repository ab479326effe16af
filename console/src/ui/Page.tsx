import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';

/** A place above the page. */
export interface Crumb {
  name: string;
  organization?: string;
}

interface PageProps {
  title: ReactNode;
  /** What the window is called, when the title is more than a text. */
  name?: string;
  crumbs?: Crumb[] | undefined;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: where it is, what it is called, what can be done with it, and what is in it. */
export function Page({ title, name, crumbs, lead, actions, children }: PageProps) {
  const called = name ?? (typeof title === 'string' ? title : 'Umbel');
  useEffect(() => {
    document.title = `${called} · Umbel`;
  }, [called]);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          {crumbs && crumbs.length > 0 && <Crumbs crumbs={crumbs} />}
          <h1>{title}</h1>
          {lead && <p>{lead}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

function Crumbs({ crumbs }: { crumbs: Crumb[] }) {
  return (
    <nav aria-label="Breadcrumbs">
      <ol className="crumbs">
        {crumbs.map((crumb) => (
          <li key={crumb.organization ?? crumb.name}>
            {crumb.organization ? (
              <Link to="/organizations/$id" params={{ id: crumb.organization }}>
                {crumb.name}
              </Link>
            ) : (
              <Link to="/">{crumb.name}</Link>
            )}
            <ChevronRight aria-hidden />
          </li>
        ))}
      </ol>
    </nav>
  );
}
