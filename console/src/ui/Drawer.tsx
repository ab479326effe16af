import type { ReactNode } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';

interface DrawerProps {
  label: string;
  onClose: () => void;
  side?: 'left' | 'right';
  children: ReactNode;
}

/** A panel at the side, above the page. */
export function Drawer({ label, onClose, side = 'right', children }: DrawerProps) {
  return (
    <ModalOverlay className="backdrop" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="drawer" data-side={side}>
        <Dialog aria-label={label}>{children}</Dialog>
      </Modal>
    </ModalOverlay>
  );
}
