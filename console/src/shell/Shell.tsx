import { Outlet } from '@tanstack/react-router';
import { Menu as Lines, Search } from 'lucide-react';
import { Suspense, lazy, useEffect, useState } from 'react';
import { IconButton } from '../ui/Button';
import { Drawer } from '../ui/Drawer';
import { Loading } from '../ui/Parts';
import { Mark, Sidebar } from './Sidebar';
import './shell.css';

const loadPalette = () => import('./Palette');
const Palette = lazy(loadPalette);

/** What stays when pages change. */
export function Shell() {
  const [menu, setMenu] = useState(false);
  const [palette, setPalette] = useState(false);

  useEffect(() => {
    // What is typed right after the keys that open it should not be lost.
    void loadPalette();
    const open = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setPalette(true);
    };
    window.addEventListener('keydown', open);
    return () => window.removeEventListener('keydown', open);
  }, []);

  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <aside className="side">
        <Sidebar onSearch={() => setPalette(true)} />
      </aside>
      <header className="top">
        <IconButton label="Menu" onPress={() => setMenu(true)}>
          <Lines />
        </IconButton>
        <Mark />
        <IconButton label="Search" onPress={() => setPalette(true)}>
          <Search />
        </IconButton>
      </header>
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      {menu && (
        <Drawer label="Menu" side="left" onClose={() => setMenu(false)}>
          <Sidebar
            onSearch={() => {
              setMenu(false);
              setPalette(true);
            }}
            onGone={() => setMenu(false)}
          />
        </Drawer>
      )}
      {palette && (
        <Suspense>
          <Palette onClose={() => setPalette(false)} />
        </Suspense>
      )}
    </div>
  );
}
