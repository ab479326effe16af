import { useQueryClient } from '@tanstack/react-query';
import { FolderInput, FolderPlus, Pencil, Trash2 } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { Organization } from '../api/types';
import type { Deed } from '../ui/Menu';
import { CreateDialog, DeleteDialog, RenameDialog } from './dialogs';
import { MoveDialog } from './MoveDialog';

type Doing = { what: 'create'; parent: Organization | null } | { what: 'rename' | 'delete'; organization: Organization } | { what: 'move'; organization: Organization; parent?: string | undefined };

/** Something that can be done with an organization, and the right that it takes. */
export interface OrganizationDeed extends Deed {
  needs: string;
}

/** What has happened to an organization. */
export interface Done {
  created?: (organization: Organization) => void;
  renamed?: (organization: Organization) => void;
  moved?: (organization: Organization, from: string | null) => void;
  deleted?: (organization: Organization) => void;
}

/** What can be done with organizations, and the dialogs that do it. */
export function useDeeds(done: Done) {
  const [doing, setDoing] = useState<Doing>();
  const queryClient = useQueryClient();
  const close = () => setDoing(undefined);
  const finish = (tell: () => void) => {
    close();
    void queryClient.invalidateQueries();
    tell();
  };

  const create = useCallback((parent: Organization | null) => setDoing({ what: 'create', parent }), []);
  const move = useCallback((organization: Organization, parent?: string) => setDoing({ what: 'move', organization, parent }), []);
  const of = useCallback(
    (organization: Organization): OrganizationDeed[] => [
      { name: 'New organization below', picture: FolderPlus, needs: 'create_organization', run: () => create(organization) },
      { name: 'Rename', picture: Pencil, needs: 'update_organization', run: () => setDoing({ what: 'rename', organization }) },
      { name: 'Move', picture: FolderInput, needs: 'move_organization', run: () => move(organization) },
      { name: 'Delete', picture: Trash2, needs: 'delete_organization', run: () => setDoing({ what: 'delete', organization }), tone: 'danger' },
    ],
    [create, move],
  );

  let dialog = null;
  if (doing?.what === 'create') {
    dialog = <CreateDialog parent={doing.parent} onClose={close} onCreated={(made) => finish(() => done.created?.(made))} />;
  } else if (doing?.what === 'rename') {
    dialog = <RenameDialog organization={doing.organization} onClose={close} onRenamed={(made) => finish(() => done.renamed?.(made))} />;
  } else if (doing?.what === 'move') {
    const { organization, parent } = doing;
    const from = organization.parent?.id ?? null;
    dialog = <MoveDialog organization={organization} parent={parent} onClose={close} onMoved={(made) => finish(() => done.moved?.(made, from))} />;
  } else if (doing?.what === 'delete') {
    const { organization } = doing;
    dialog = <DeleteDialog organization={organization} onClose={close} onDeleted={() => finish(() => done.deleted?.(organization))} />;
  }
  return useMemo(() => ({ of, create, move, dialog }), [of, create, move, dialog]);
}

/** What is left of it for somebody with these rights. */
export function allowed(deeds: OrganizationDeed[], may: (action: string) => boolean): OrganizationDeed[] {
  return deeds.filter(({ needs }) => may(needs));
}
