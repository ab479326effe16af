import { Ellipsis, type LucideIcon } from 'lucide-react';
import { Button, Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';

/** Something that can be done. */
export interface Deed {
  name: string;
  picture: LucideIcon;
  run: () => void;
  tone?: 'danger';
}

/** What can be done with one thing, behind a button of three dots. */
export function Menu({ label, deeds }: { label: string; deeds: Deed[] }) {
  if (deeds.length === 0) return null;
  return (
    <MenuTrigger>
      <Button className="button" data-tone="quiet" data-shape="icon" data-size="small" aria-label={label}>
        <Ellipsis />
      </Button>
      <Popover className="popover" placement="bottom end">
        <AriaMenu className="options" onAction={(key) => deeds[Number(key)]?.run()}>
          {deeds.map(({ name, picture: Picture, tone }, index) => (
            <MenuItem key={index} id={String(index)} className="option" textValue={name} data-tone={tone}>
              <Picture aria-hidden />
              {name}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
