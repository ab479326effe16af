import { CircleAlert } from 'lucide-react';
import { asApiError } from '../api/error';
import { sentence } from './words';

/** What the server says went wrong and what to do, with the id that finds the request in its log. */
export function ErrorNote({ error }: { error: unknown }) {
  if (!error) return null;
  const { problems, ray } = asApiError(error);
  return (
    <div className="note" data-tone="bad" role="alert">
      <CircleAlert aria-hidden />
      <div>
        <ul>
          {problems.map((problem, index) => (
            <li key={index}>{sentence(problem.message)}</li>
          ))}
        </ul>
        {ray && (
          <p className="small soft">
            Request <code>{ray}</code>
          </p>
        )}
      </div>
    </div>
  );
}
