import { getRouteApi } from '@tanstack/react-router';
import { Eye } from 'lucide-react';
import { accessTo } from '../api/access';
import { AccessTable } from './AccessTable';
import { ErrorNote } from '../ui/ErrorNote';
import { Card, Empty, Loading } from '../ui/Parts';
import { usePages } from '../ui/usePages';

const route = getRouteApi('/signed-in/organizations/$id');

/** Everybody who may do something here, and which membership it comes from. */
export function Access() {
  const { id } = route.useParams();
  const { items, error, more } = usePages(['access', id], (token) => accessTo(id, token));
  return (
    <Card title="Who may do what, and why" flush>
      <p className="body soft">Roles reach from where they are held down to everything below. Operators of the server may do everything and are not listed.</p>
      <ErrorNote error={error} />
      {!items && !error && <Loading />}
      {items?.length === 0 && (
        <Empty picture={Eye} title="Nobody has a role here">
          Add a member here, or in an organization above.
        </Empty>
      )}
      {items && items.length > 0 && <AccessTable access={items} here={id} more={more} />}
    </Card>
  );
}
