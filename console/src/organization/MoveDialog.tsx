import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { moveOrganization, organization as organizationQuery } from '../api/organizations';
import type { Organization } from '../api/types';
import { Button } from '../ui/Button';
import { FormDialog } from '../ui/Dialog';
import { say } from '../ui/Toasts';
import { MovePreview } from './MovePreview';
import { OrganizationPicker } from './OrganizationPicker';

/** Where something is moved to: below an organization, or to the top. */
type Goal = { id: string; name?: string } | 'top';

interface MoveDialogProps {
  organization: Organization;
  /** Where it was dropped; without it the goal is chosen here. */
  parent?: string | undefined;
  onClose: () => void;
  onMoved: (moved: Organization) => void;
}

/** Moves an organization with everything below it, after showing what that would do. */
export function MoveDialog({ organization, parent, onClose, onMoved }: MoveDialogProps) {
  const [goal, setGoal] = useState<Goal | undefined>(parent === undefined ? undefined : { id: parent });
  const to = goal === undefined ? undefined : goal === 'top' ? null : goal.id;
  const dropped = useQuery({ ...organizationQuery(to ?? ''), enabled: typeof to === 'string' });
  const trial = useQuery({
    queryKey: ['move', organization.id, to],
    queryFn: () => moveOrganization(organization.id, to ?? null, 'try'),
    enabled: to !== undefined,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const move = useMutation({
    mutationFn: () => moveOrganization(organization.id, to ?? null, 'do'),
    onSuccess: ({ organization: moved }) => {
      say(`${moved.name} was moved`);
      onMoved(moved);
    },
  });
  const effect = trial.data?.effect;
  const blocked = !effect || effect.blockers.length > 0;
  const name = goal === 'top' ? 'the top, as a root' : (goal?.name ?? dropped.data?.value.name ?? '…');
  return (
    <FormDialog
      title={`Move ${organization.name}`}
      submit={goal ? 'Move it' : 'Move'}
      width="wide"
      onClose={onClose}
      onSubmit={() => move.mutate()}
      pending={move.isPending}
      error={move.error}
      blocked={blocked}
    >
      {goal === undefined ? (
        <>
          <p className="soft">Choose what it will be below. What this does to people’s access is shown before anything is moved.</p>
          <OrganizationPicker
            label="Search the new parent"
            fits={(one) => !one.meta.hierarchy_tags.includes(organization.id) && one.id !== organization.parent?.id}
            onPick={setGoal}
          />
          {organization.parent && (
            <div>
              <Button onPress={() => setGoal('top')}>Make it a root organization</Button>
            </div>
          )}
        </>
      ) : (
        <MovePreview from={organization.parent?.name ?? 'the top'} to={name} trial={trial} onAgain={() => setGoal(undefined)} />
      )}
    </FormDialog>
  );
}
