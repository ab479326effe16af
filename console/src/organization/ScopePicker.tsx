import { useQuery } from '@tanstack/react-query';
import { Building2, ChevronsUpDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { organization as organizationQuery } from '../api/organizations';
import { tops } from '../api/tops';
import type { Organization } from '../api/types';
import { isOperator } from '../api/users';
import { Button as TextButton } from '../ui/Button';
import { ErrorNote } from '../ui/ErrorNote';
import { Loading } from '../ui/Parts';
import { OrganizationPicker } from './OrganizationPicker';
import './picker.css';

interface Scope {
  organization: Organization | undefined;
  /** Whether there is none that could be shown. */
  empty: boolean;
  error: unknown;
}

/** The organization that a page is about: the one that its address names, or else the topmost that is seen. */
export function useScope(id: string | undefined): Scope {
  const operator = useQuery(isOperator).data;
  const named = useQuery({ ...organizationQuery(id ?? ''), enabled: id !== undefined });
  const top = useQuery({
    queryKey: ['organizations', 'top', operator],
    queryFn: async () => (await tops(operator === true, undefined)).result[0] ?? null,
    enabled: id === undefined && operator !== undefined,
  });
  if (id !== undefined) return { organization: named.data?.value, empty: false, error: named.error };
  return { organization: top.data ?? undefined, empty: top.data === null, error: top.error };
}

/** What a page shows once it is known what it is about; until then that it loads, and where there is nothing, that. */
export function Scoped({ scope, none, children }: { scope: Scope; none: ReactNode; children: ReactNode }) {
  return (
    <>
      <ErrorNote error={scope.error} />
      {children || (!scope.error && (scope.empty ? none : <Loading />))}
    </>
  );
}

interface ScopePickerProps {
  /** What is shown now. */
  name: string;
  onPick: (organization: string) => void;
  /** Something else that can be shown. */
  extra?: { name: string; run: () => void };
}

/** Chooses the organization that a page is about. */
export function ScopePicker({ name, onPick, extra }: ScopePickerProps) {
  return (
    <DialogTrigger>
      <Button className="select-button scope" aria-label={`Shown: ${name}`}>
        <Building2 aria-hidden />
        <span className="clip">{name}</span>
        <ChevronsUpDown aria-hidden />
      </Button>
      <Popover className="popover" placement="bottom start">
        <Dialog aria-label="Choose an organization" className="scope-choice">
          {({ close }) => (
            <>
              <OrganizationPicker
                label="Search an organization"
                fits={() => true}
                onPick={({ id }) => {
                  onPick(id);
                  close();
                }}
              />
              {extra && (
                <TextButton
                  onPress={() => {
                    extra.run();
                    close();
                  }}
                >
                  {extra.name}
                </TextButton>
              )}
            </>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
