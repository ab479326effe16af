import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Checkbox as AriaCheckbox, type CheckboxProps, Switch as AriaSwitch, type SwitchProps } from 'react-aria-components';

/** Something that is on or off, at once. */
export function Switch({ children, ...props }: Omit<SwitchProps, 'children'> & { children: ReactNode }) {
  return (
    <AriaSwitch {...props} className="switch">
      <span className="track" />
      <span>{children}</span>
    </AriaSwitch>
  );
}

/** Something that is chosen or not, and sent with the rest. */
export function Checkbox({ children, ...props }: Omit<CheckboxProps, 'children'> & { children: ReactNode }) {
  return (
    <AriaCheckbox {...props} className="checkbox">
      <span className="box">
        <Check strokeWidth={3} aria-hidden />
      </span>
      <span>{children}</span>
    </AriaCheckbox>
  );
}
