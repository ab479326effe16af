import { ChevronsUpDown } from 'lucide-react';
import { Button, Label, ListBox, ListBoxItem, Popover, Select as AriaSelect, SelectValue, Text } from 'react-aria-components';

/** One of the things that can be chosen. */
export interface Choice {
  id: string;
  name: string;
  description?: string | undefined;
}

interface SelectProps {
  label: string;
  /** Whether the label is seen or only heard. */
  labelled?: 'above' | 'hidden';
  choices: Choice[];
  value: string | null;
  onChange: (id: string) => void;
  isDisabled?: boolean;
}

/** Chooses one of a few things. */
export function Select({ label, labelled = 'above', choices, value, onChange, isDisabled = false }: SelectProps) {
  return (
    <AriaSelect
      className="field"
      aria-label={label}
      value={value}
      isDisabled={isDisabled}
      onChange={(key) => key !== null && onChange(String(key))}
    >
      {labelled === 'above' && <Label className="label">{label}</Label>}
      <Button className="select-button">
        <SelectValue className="clip" />
        <ChevronsUpDown aria-hidden />
      </Button>
      <Popover className="popover">
        <ListBox className="options" items={choices}>
          {(choice) => (
            <ListBoxItem className="option" id={choice.id} textValue={choice.name}>
              <div>
                <Text slot="label">{choice.name}</Text>
                {choice.description && <Text slot="description">{choice.description}</Text>}
              </div>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
