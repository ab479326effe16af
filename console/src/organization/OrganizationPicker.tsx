import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ListBox, ListBoxItem, Text } from 'react-aria-components';
import { found } from '../api/organizations';
import type { Organization } from '../api/types';
import { ErrorNote } from '../ui/ErrorNote';
import { Search } from '../ui/Search';
import { useSettled } from '../ui/useSettled';
import './picker.css';

const TYPING_MS = 150;

interface OrganizationPickerProps {
  label: string;
  /** Those that can be chosen; the others are not shown. */
  fits: (organization: Organization) => boolean;
  onPick: (organization: Organization) => void;
}

/** Chooses an organization by typing some of its name. */
export function OrganizationPicker({ label, fits, onPick }: OrganizationPickerProps) {
  const [text, setText] = useState('');
  const query = useQuery(found(useSettled(text.trim(), TYPING_MS)));
  const list = query.data?.result.filter(fits);
  return (
    <div className="stack">
      <Search label={label} value={text} onChange={setText} />
      <ErrorNote error={query.error} />
      {list && (
        <ListBox
          className="options destinations"
          aria-label={label}
          items={list}
          selectionMode="single"
          onAction={(key) => {
            const picked = list.find(({ id }) => id === key);
            if (picked) onPick(picked);
          }}
          onSelectionChange={(keys) => {
            const picked = list.find(({ id }) => keys !== 'all' && keys.has(id));
            if (picked) onPick(picked);
          }}
          renderEmptyState={() => <p className="soft">No organization that fits has this in its name.</p>}
        >
          {(organization) => (
            <ListBoxItem className="option" id={organization.id} textValue={organization.name}>
              <div>
                <Text slot="label">{organization.name}</Text>
                {organization.parent && <Text slot="description">in {organization.parent.name}</Text>}
              </div>
            </ListBoxItem>
          )}
        </ListBox>
      )}
    </div>
  );
}
