import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ApiError, type Problem } from '../api/error';
import { createOrganization, deleteOrganization, organization as organizationQuery, renameOrganization } from '../api/organizations';
import type { Organization } from '../api/types';
import { FormDialog } from '../ui/Dialog';
import { NameDialog } from '../ui/NameDialog';
import { Note } from '../ui/Parts';
import { say } from '../ui/Toasts';
import { sentence } from '../ui/words';

const NAME_MAX = 255;
/** The code of what an organization still holds. */
const NOT_EMPTY = 1400;

/** Creates an organization below another one, or a root. */
export function CreateDialog({ parent, onClose, onCreated }: { parent: Organization | null; onClose: () => void; onCreated: (created: Organization) => void }) {
  const create = useMutation({
    mutationFn: (name: string) => createOrganization(name, parent?.id ?? null),
    onSuccess: (created) => {
      say(`${created.name} was created`);
      onCreated(created);
    },
  });
  const hint = parent ? `It inherits the flags of ${parent.name}, and everybody who has a role there has it here.` : 'A root has a tree of its own. You become its super administrator.';
  const title = parent ? `New organization in ${parent.name}` : 'New root organization';
  return <NameDialog title={title} submit="Create" max={NAME_MAX} hint={hint} pending={create.isPending} error={create.error} onClose={onClose} onSubmit={create.mutate} />;
}

/** Gives an organization another name. */
export function RenameDialog({ organization, onClose, onRenamed }: { organization: Organization; onClose: () => void; onRenamed: (renamed: Organization) => void }) {
  const { data: fresh } = useQuery(organizationQuery(organization.id));
  const rename = useMutation({
    mutationFn: (name: string) => renameOrganization(organization.id, name, fresh?.tag),
    onSuccess: (renamed) => {
      say(`It is called ${renamed.name} now`);
      onRenamed(renamed);
    },
  });
  return (
    <NameDialog
      title={`Rename ${organization.name}`}
      submit="Rename"
      before={organization.name}
      max={NAME_MAX}
      pending={rename.isPending}
      error={rename.error}
      blocked={!fresh}
      onClose={onClose}
      onSubmit={rename.mutate}
    />
  );
}

/** Deletes an organization, or says what it still holds and where that is. */
export function DeleteDialog({ organization, onClose, onDeleted }: { organization: Organization; onClose: () => void; onDeleted: () => void }) {
  const remove = useMutation({
    mutationFn: () => deleteOrganization(organization.id),
    onSuccess: () => {
      say(`${organization.name} was deleted`);
      onDeleted();
    },
  });
  const held = remove.error instanceof ApiError && remove.error.has(NOT_EMPTY) ? remove.error.problems : undefined;
  return (
    <FormDialog
      title={`Delete ${organization.name}?`}
      submit="Delete"
      tone="danger"
      onClose={onClose}
      onSubmit={() => remove.mutate()}
      pending={remove.isPending}
      error={held ? undefined : remove.error}
      blocked={held !== undefined}
    >
      {held ? (
        <Note tone="bad">
          <h3>It still holds something</h3>
          <ul>
            {held.map((problem, index) => (
              <li key={index}>
                {sentence(problem.message)} <Blocker organization={organization} problem={problem} onGo={onClose} />
              </li>
            ))}
          </ul>
        </Note>
      ) : (
        <p>Only an empty organization can be deleted: one without organizations, accounts or other members. It cannot be undone; its audit log stays.</p>
      )}
    </FormDialog>
  );
}

/** The way to what stands in the way, as far as the message tells. */
function Blocker({ organization, problem, onGo }: { organization: Organization; problem: Problem; onGo: () => void }) {
  const params = { id: organization.id };
  if (problem.message.startsWith('organizations')) {
    return (
      <Link to="/" search={{ selected: organization.id }} onClick={onGo}>
        Show them
      </Link>
    );
  }
  if (problem.message.startsWith('accounts')) {
    return (
      <Link to="/organizations/$id/accounts" params={params} onClick={onGo}>
        Show them
      </Link>
    );
  }
  if (problem.message.includes('members')) {
    return (
      <Link to="/organizations/$id/members" params={params} onClick={onGo}>
        Show them
      </Link>
    );
  }
  if (problem.message.startsWith('users')) {
    return (
      <Link to="/users" onClick={onGo}>
        Show users
      </Link>
    );
  }
  return null;
}
