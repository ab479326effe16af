import { Link } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';
import { asApiError, SECOND_FACTOR_REQUIRED } from '../api/error';
import { sentence } from './words';

/** What the server says went wrong and what to do, with the id that finds the request in its log. */
export function ErrorNote({ error }: { error: unknown }) {
  if (!error) return null;
  const refused = asApiError(error);
  const { problems, ray } = refused;
  return (
    <div className="note" data-tone="bad" role="alert">
      <CircleAlert aria-hidden />
      <div>
        <ul>
          {problems.map((problem, index) => (
            <li key={index}>{sentence(problem.message)}</li>
          ))}
        </ul>
        {refused.has(SECOND_FACTOR_REQUIRED) && (
          <p>
            You add one on <Link to="/you">the page about you</Link>; an authenticator on your phone is enough. Then come back here.
          </p>
        )}
        {ray && (
          <p className="small soft">
            Request <code>{ray}</code>
          </p>
        )}
      </div>
    </div>
  );
}
