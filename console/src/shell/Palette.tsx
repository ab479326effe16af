import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Building2, ChartColumn, KeyRound, type LucideIcon, Network, ReceiptText, ScrollText, Search, Server, UserRound, Users, Wallet } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import {
  Autocomplete,
  Dialog,
  Header,
  Input,
  Menu,
  MenuItem,
  MenuSection,
  Modal,
  ModalOverlay,
  SearchField,
  Text,
} from 'react-aria-components';
import { found } from '../api/organizations';
import { isOperator } from '../api/users';
import { useSettled } from '../ui/useSettled';

const TYPING_MS = 150;
const SHOWN_MAX = 12;

interface Goal {
  id: string;
  name: string;
  picture: LucideIcon;
  operator?: true;
}

const PAGES: Goal[] = [
  { id: '/', name: 'Organizations', picture: Network },
  { id: '/audit', name: 'Audit log', picture: ScrollText },
  { id: '/usage', name: 'Usage and cost', picture: ChartColumn },
  { id: '/usage/budgets', name: 'Budgets', picture: Wallet },
  { id: '/usage/invoices', name: 'Invoices', picture: ReceiptText },
  { id: '/tokens', name: 'API tokens', picture: KeyRound },
  { id: '/you', name: 'You and your sessions', picture: UserRound },
  { id: '/users', name: 'Users', picture: Users, operator: true },
  { id: '/server', name: 'Server', picture: Server, operator: true },
];

/** Finds organizations and pages while their names are typed. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const settled = useSettled(text.trim(), TYPING_MS);
  const asked = useDeferredValue(settled);
  const organizations = useQuery(found(asked));
  const operator = useQuery(isOperator).data === true;
  const navigate = useNavigate();

  const go = (key: string) => {
    onClose();
    if (key.startsWith('/')) void navigate({ to: key as '/' });
    else void navigate({ to: '/organizations/$id', params: { id: key } });
  };
  const low = text.trim().toLowerCase();
  const pages = PAGES.filter((page) => (!page.operator || operator) && page.name.toLowerCase().includes(low));
  const list = asked ? (organizations.data?.result.slice(0, SHOWN_MAX) ?? []) : [];
  return (
    <ModalOverlay className="backdrop" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="palette">
        <Dialog aria-label="Search">
          <Autocomplete inputValue={text} onInputChange={setText}>
            {/* eslint-disable-next-line jsx-a11y/no-autofocus -- who opens the palette wants to type */}
            <SearchField className="search" aria-label="Search organizations and pages" autoFocus>
              <Search aria-hidden />
              <Input className="input" placeholder="Search organizations and pages" />
            </SearchField>
            <Menu
              className="options"
              aria-label="Found"
              onAction={(key) => go(String(key))}
              renderEmptyState={() => <p className="nothing">{organizations.isFetching ? 'Searching…' : `Nothing has “${text}” in its name.`}</p>}
            >
              {list.length > 0 && (
                <MenuSection>
                  <Header>Organizations</Header>
                  {list.map((one) => (
                    <MenuItem key={one.id} id={one.id} className="option" textValue={one.name}>
                      <Building2 aria-hidden />
                      <div>
                        <Text slot="label">{one.name}</Text>
                        {one.parent && <Text slot="description">in {one.parent.name}</Text>}
                      </div>
                    </MenuItem>
                  ))}
                </MenuSection>
              )}
              {pages.length > 0 && (
                <MenuSection>
                  <Header>Pages</Header>
                  {pages.map(({ id, name, picture: Picture }) => (
                    <MenuItem key={id} id={id} className="option" textValue={name}>
                      <Picture aria-hidden />
                      <Text slot="label">{name}</Text>
                    </MenuItem>
                  ))}
                </MenuSection>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
