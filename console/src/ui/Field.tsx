import { FieldError, Input, Label, Text, TextArea, TextField, type TextFieldProps } from 'react-aria-components';

interface FieldProps extends Omit<TextFieldProps, 'children'> {
  label: string;
  hint?: string | undefined;
  fault?: string | undefined;
  placeholder?: string;
  lines?: 'one' | 'many';
}

/** A text that is asked for. */
export function Field({ label, hint, fault, placeholder, lines = 'one', ...props }: FieldProps) {
  const entry = { className: 'input', ...(placeholder ? { placeholder } : {}) };
  return (
    <TextField {...props} className="field" isInvalid={fault !== undefined}>
      <Label className="label">{label}</Label>
      {lines === 'one' ? <Input {...entry} /> : <TextArea {...entry} />}
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="fault">{fault}</FieldError>
    </TextField>
  );
}
