import { X } from 'lucide-react';
import { type ReactNode, type SyntheticEvent } from 'react';
import { Dialog as AriaDialog, Form, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button, IconButton } from './Button';
import { ErrorNote } from './ErrorNote';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** The buttons; without them only closing is offered. */
  footer?: ReactNode;
  width?: 'normal' | 'wide';
  role?: 'dialog' | 'alertdialog';
}

/** A question in front of the page. */
export function Dialog({ title, onClose, children, footer, width = 'normal', role = 'dialog' }: DialogProps) {
  return (
    <ModalOverlay className="backdrop" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="dialog" data-width={width}>
        <AriaDialog role={role}>
          <header>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <IconButton label="Close" size="small" onPress={onClose}>
              <X />
            </IconButton>
          </header>
          {children}
          {footer && <footer>{footer}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface FormDialogProps {
  title: string;
  onClose: () => void;
  onSubmit: () => void;
  /** The word on the button that does it. */
  submit: string;
  pending: boolean;
  error: unknown;
  children: ReactNode;
  tone?: 'primary' | 'danger';
  blocked?: boolean;
  width?: 'normal' | 'wide';
}

/** A question that is answered by filling something in. */
export function FormDialog({ title, onClose, onSubmit, submit, pending, error, children, tone = 'primary', blocked = false, width }: FormDialogProps) {
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!pending && !blocked) onSubmit();
  };
  return (
    <Dialog title={title} onClose={onClose} {...(width ? { width } : {})}>
      <Form onSubmit={send} validationBehavior="aria">
        <div className="content">
          {children}
          <ErrorNote error={error} />
        </div>
        <footer>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" tone={tone} isDisabled={blocked} isPending={pending}>
            {submit}
          </Button>
        </footer>
      </Form>
    </Dialog>
  );
}
