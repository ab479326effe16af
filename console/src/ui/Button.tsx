import { Button as AriaButton, type ButtonProps as AriaProps, Tooltip, TooltipTrigger } from 'react-aria-components';
import type { ReactNode } from 'react';

interface ButtonProps extends AriaProps {
  tone?: 'plain' | 'primary' | 'danger' | 'quiet';
  size?: 'normal' | 'small';
}

/** A button with a word on it. */
export function Button({ tone = 'plain', size = 'normal', ...props }: ButtonProps) {
  return <AriaButton {...props} className="button" data-tone={tone} data-size={size} />;
}

interface IconButtonProps extends Omit<ButtonProps, 'children'> {
  label: string;
  children: ReactNode;
}

/** A button with a picture on it, whose word shows when it is hovered or focused. */
export function IconButton({ label, children, tone = 'quiet', size = 'normal', ...props }: IconButtonProps) {
  return (
    <TooltipTrigger delay={400}>
      <AriaButton {...props} aria-label={label} className="button" data-shape="icon" data-tone={tone} data-size={size}>
        {children}
      </AriaButton>
      <Tooltip className="tooltip" offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
