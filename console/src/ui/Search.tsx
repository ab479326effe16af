import { Search as Glass } from 'lucide-react';
import { Input, SearchField } from 'react-aria-components';

interface SearchProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

/** Looks for something while it is typed. */
export function Search({ label, value, onChange }: SearchProps) {
  return (
    <SearchField className="search" aria-label={label} value={value} onChange={onChange}>
      <Glass aria-hidden />
      <Input className="input" placeholder={label} />
    </SearchField>
  );
}
