import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { mine, NO_RIGHTS } from '../api/access';
import { asApiError } from '../api/error';
import { organization as organizationQuery, setFlags, setProfile } from '../api/organizations';
import type { Flags, Organization, Profile } from '../api/types';
import { Button } from '../ui/Button';
import { FormDialog } from '../ui/Dialog';
import { ErrorNote } from '../ui/ErrorNote';
import { Field } from '../ui/Field';
import { Identity } from '../ui/Identity';
import { Badge, Card } from '../ui/Parts';
import { Switch } from '../ui/Switch';
import { say } from '../ui/Toasts';
import { title } from '../ui/words';

const route = getRouteApi('/signed-in/organizations/$id');

/** What an organization is and what it is permitted to do. */
export function Overview() {
  const { id } = route.useParams();
  const organization = useQuery(organizationQuery(id)).data?.value;
  const rights = useQuery(mine(id)).data ?? NO_RIGHTS;
  if (!organization) return null;
  return (
    <div className="columns">
      <div className="stack">
        <About organization={organization} />
        <ProfileCard organization={organization} mayChange={rights.may('update_organization')} />
      </div>
      <FlagsCard organization={organization} operator={rights.operator} />
    </div>
  );
}

function About({ organization }: { organization: Organization }) {
  return (
    <Card title="About">
      <dl className="facts">
        <Identity id={organization.id} created={organization.create_time} />
        <dt>Level</dt>
        <dd>{organization.meta.hierarchy_tags.length} of the tree</dd>
      </dl>
    </Card>
  );
}

const PROFILE: { name: keyof Profile; label: string; lines?: 'many' }[] = [
  { name: 'business_name', label: 'Business name' },
  { name: 'business_email', label: 'E-mail' },
  { name: 'business_phone', label: 'Phone' },
  { name: 'business_address', label: 'Address', lines: 'many' },
  { name: 'external_metadata', label: 'Metadata', lines: 'many' },
];

const NO_PROFILE: Profile = { business_name: '', business_email: '', business_phone: '', business_address: '', external_metadata: '' };

function ProfileCard({ organization, mayChange }: { organization: Organization; mayChange: boolean }) {
  const [editing, setEditing] = useState(false);
  const { profile } = organization;
  return (
    <Card title="Profile" actions={mayChange && <Button onPress={() => setEditing(true)}>Edit</Button>}>
      {profile ? (
        <dl className="facts">
          {PROFILE.filter(({ name }) => profile[name] !== '').flatMap(({ name, label }) => [<dt key={`${name} label`}>{label}</dt>, <dd key={name}>{profile[name]}</dd>])}
        </dl>
      ) : (
        <p className="soft">Nobody has said yet who is behind this organization: its business name, address, and how to reach it.</p>
      )}
      {editing && <ProfileDialog organization={organization} onClose={() => setEditing(false)} />}
    </Card>
  );
}

function ProfileDialog({ organization, onClose }: { organization: Organization; onClose: () => void }) {
  const [profile, setDraft] = useState(organization.profile ?? NO_PROFILE);
  const queryClient = useQueryClient();
  const save = useMutation({
    mutationFn: () => setProfile(organization.id, profile),
    onSuccess: () => {
      say('The profile was saved');
      void queryClient.invalidateQueries({ queryKey: ['organization', organization.id] });
      onClose();
    },
  });
  const error = save.error ? asApiError(save.error) : undefined;
  return (
    <FormDialog title={`Profile of ${organization.name}`} submit="Save" onClose={onClose} onSubmit={() => save.mutate()} pending={save.isPending} error={save.error}>
      {PROFILE.map(({ name, label, lines }) => (
        <Field
          key={name}
          label={label}
          value={profile[name]}
          onChange={(value) => setDraft({ ...profile, [name]: value })}
          fault={error?.about(name)}
          {...(lines ? { lines } : {})}
        />
      ))}
    </FormDialog>
  );
}

/** What each flag permits. */
const FLAGS: Record<keyof Flags, string> = {
  sub_org_creation: 'Create organizations below it',
  account_creation: 'Create accounts in it',
  account_deletion: 'Delete accounts',
  account_migration: 'Take in accounts that exist already',
  account_mobility: 'Move accounts and organizations in and out',
  member_management: 'Manage its members',
  enterprise_capability: 'Be deleted',
  account_creation_applies_tenant_defaults: 'Give new accounts the default settings',
};

function FlagsCard({ organization, operator }: { organization: Organization; operator: boolean }) {
  const queryClient = useQueryClient();
  const set = useMutation({
    mutationFn: (flags: Partial<Flags>) => setFlags(organization.id, flags),
    onSuccess: () => say('The flag was set'),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['organization', organization.id] }),
  });
  const flags = organization.meta.tenant_flags;
  return (
    <Card title="Flags">
      <div className="stack">
        <p className="soft">
          What the organization is permitted to do. {operator ? 'New organizations below it begin with the same flags.' : 'Operators of the server decide.'}
        </p>
        {Object.entries(FLAGS).map(([key, meaning]) => {
          const name = key as keyof Flags;
          const on = (set.isPending ? set.variables[name] : undefined) ?? flags[name];
          const words = (
            <>
              {title(name)} <span className="meaning">{meaning}</span>
            </>
          );
          return operator ? (
            <Switch key={name} isSelected={on === 'enabled'} onChange={(selected) => set.mutate({ [name]: selected ? 'enabled' : 'disabled' })}>
              {words}
            </Switch>
          ) : (
            <div key={name} className="row">
              <Badge tone={on === 'enabled' ? 'good' : 'plain'}>{on === 'enabled' ? 'On' : 'Off'}</Badge>
              <span>{words}</span>
            </div>
          );
        })}
        <ErrorNote error={set.error} />
      </div>
    </Card>
  );
}
