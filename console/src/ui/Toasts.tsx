import { CircleCheck, X } from 'lucide-react';
import {
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components';
import { IconButton } from './Button';

const SHOWN_MS = 6000;
const toasts = new ToastQueue<string>({ maxVisibleToasts: 3 });

/** Says in passing that something was done. */
export function say(message: string): void {
  toasts.add(message, { timeout: SHOWN_MS });
}

/** Where it is said. */
export function Toasts() {
  return (
    <ToastRegion className="toasts" queue={toasts}>
      {({ toast }) => (
        <Toast className="toast" toast={toast}>
          <CircleCheck aria-hidden />
          <ToastContent className="message">
            <Text slot="title">{toast.content}</Text>
          </ToastContent>
          <IconButton slot="close" label="Close" size="small">
            <X />
          </IconButton>
        </Toast>
      )}
    </ToastRegion>
  );
}
