import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChartColumn, ChevronsUpDown, KeyRound, LogOut, Monitor, Moon, Network, ScrollText, Search, Server, Sun, UserRound, Users } from 'lucide-react';
import { useState } from 'react';
import { Button, Menu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components';
import { asApiError } from '../api/error';
import { session, signOut } from '../api/session';
import { isOperator } from '../api/users';
import { say } from '../ui/Toasts';
import { setTheme, theme, type Theme } from './theme';

/** The name of the product. */
export function Mark() {
  return (
    <Link to="/" className="mark">
      <img src={`${import.meta.env.BASE_URL}umbel.svg`} alt="" width="28" height="28" />
      Umbel
    </Link>
  );
}

/** The ways to everywhere. */
export function Sidebar({ onSearch, onGone }: { onSearch: () => void; onGone?: () => void }) {
  const operator = useQuery(isOperator).data === true;
  const gone = onGone ? { onClick: onGone } : {};
  return (
    <div className="sidebar">
      <Mark />
      <Button className="find" onPress={onSearch}>
        <Search aria-hidden />
        <span>Search</span>
        <kbd>{/Mac|iP/.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K'}</kbd>
      </Button>
      <nav aria-label="Main">
        <ul>
          <li>
            <Link to="/" activeOptions={{ exact: true, includeSearch: false }} {...gone}>
              <Network aria-hidden /> Organizations
            </Link>
          </li>
          <li>
            <Link to="/audit" activeOptions={{ includeSearch: false }} {...gone}>
              <ScrollText aria-hidden /> Audit log
            </Link>
          </li>
          <li>
            <Link to="/usage" activeOptions={{ includeSearch: false }} {...gone}>
              <ChartColumn aria-hidden /> Usage and cost
            </Link>
          </li>
          <li>
            <Link to="/tokens" {...gone}>
              <KeyRound aria-hidden /> API tokens
            </Link>
          </li>
        </ul>
        {operator && (
          <>
            <p className="section">Operator</p>
            <ul>
              <li>
                <Link to="/users" {...gone}>
                  <Users aria-hidden /> Users
                </Link>
              </li>
              <li>
                <Link to="/server" {...gone}>
                  <Server aria-hidden /> Server
                </Link>
              </li>
            </ul>
          </>
        )}
      </nav>
      <UserMenu />
    </div>
  );
}

const THEMES: Record<Theme, { name: string; picture: typeof Sun }> = {
  system: { name: 'Like the system', picture: Monitor },
  light: { name: 'Light', picture: Sun },
  dark: { name: 'Dark', picture: Moon },
};

function UserMenu() {
  const user = useQuery(session).data?.user;
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [shown, setShown] = useState(theme);

  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      queryClient.clear();
      void navigate({ to: '/sign-in' });
    },
    onError: (error) => {
      const refused = asApiError(error);
      if (refused.status !== 401) say(`You are still signed in: ${refused.message}`);
    },
  });
  const run = (key: string) => {
    if (key === 'you') void navigate({ to: '/you' });
    else if (key === 'sign-out') leave.mutate();
    else {
      setTheme(key as Theme);
      setShown(key as Theme);
    }
  };
  return (
    <MenuTrigger>
      <Button className="user" aria-label={`You: ${user?.email ?? ''}`}>
        <span className="face" aria-hidden>
          {(user?.name ?? user?.email ?? '?').charAt(0).toUpperCase()}
        </span>
        <span className="who">
          <span className="clip">{user?.name ?? user?.email}</span>
          {user?.name && <span className="clip small">{user.email}</span>}
        </span>
        <ChevronsUpDown aria-hidden />
      </Button>
      <Popover className="popover" placement="top start">
        <Menu className="options" onAction={(key) => run(String(key))}>
          <MenuItem id="you" className="option" textValue="You and your sessions">
            <UserRound aria-hidden /> You and your sessions
          </MenuItem>
          <Separator className="separator" />
          {Object.entries(THEMES).map(([id, { name, picture: Picture }]) => (
            <MenuItem key={id} id={id} className="option" textValue={`Theme: ${name}`} data-selected={shown === id || undefined}>
              <Picture aria-hidden /> {name}
            </MenuItem>
          ))}
          <Separator className="separator" />
          <MenuItem id="sign-out" className="option" textValue="Sign out">
            <LogOut aria-hidden /> Sign out
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
