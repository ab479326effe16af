import { Download } from 'lucide-react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { Button } from './Button';

/** A file that the server makes. */
export interface File {
  /** What the reader calls it. */
  name: string;
  href: string;
  /** What it is called where it is kept. */
  as: string;
}

/** The ways to take away what a page shows. */
export function Downloads({ label, files }: { label: string; files: File[] }) {
  return (
    <MenuTrigger>
      <Button>
        <Download aria-hidden /> {label}
      </Button>
      <Popover className="popover">
        <Menu className="options">
          {files.map(({ name, href, as }) => (
            <MenuItem key={as} className="option" href={href} download={as}>
              {name}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
