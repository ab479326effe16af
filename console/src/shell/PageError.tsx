import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { ErrorNote } from '../ui/ErrorNote';
import { Empty } from '../ui/Parts';

/** A page that failed. */
export function PageError({ error }: ErrorComponentProps) {
  return (
    <div className="page">
      <ErrorNote error={error} />
    </div>
  );
}

/** A page that is not there. */
export function NotFound() {
  return (
    <main className="page">
      <Empty picture={Compass} title="There is no such page" action={<Link to="/">To the organizations</Link>}>
        The address may be mistyped, or from another version of the console.
      </Empty>
    </main>
  );
}
