import { Plus, X } from 'lucide-react';
import { type SyntheticEvent, useState } from 'react';
import { Button as AriaButton, Dialog, DialogTrigger, Form, Popover, Tag, TagGroup, TagList } from 'react-aria-components';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { Select } from '../ui/Select';
import { title } from '../ui/words';
import { type Demand, FILTERS } from './filters';
import { type AuditSearch, demands, withoutValue, withValue } from './search';

interface ChipsProps {
  search: AuditSearch;
  onChange: (search: AuditSearch) => void;
}

/** The filters that are set, each value a chip that can be removed, and a way to set another one. */
export function Chips({ search, onChange }: ChipsProps) {
  const chips = demands(search).flatMap((demand) => demand.values.map((value) => ({ id: `${demand.filter.name} ${demand.sense} ${value}`, demand, value })));
  const remove = (keys: Set<unknown>) => {
    let left = search;
    for (const { id, demand, value } of chips) if (keys.has(id)) left = withoutValue(left, demand, value);
    onChange(left);
  };
  return (
    <div className="row">
      {chips.length > 0 && (
        <TagGroup aria-label="Filters" onRemove={remove}>
          <TagList className="chips" items={chips}>
            {({ id, demand, value }) => (
              <Tag id={id} className="chip" textValue={`${demand.filter.label} ${demand.sense} ${value}`} data-sense={demand.sense}>
                <span className="soft">
                  {demand.filter.label} {demand.sense}
                </span>{' '}
                <span className="value">{value}</span>
                <AriaButton slot="remove" className="chip-remove">
                  <X aria-hidden />
                </AriaButton>
              </Tag>
            )}
          </TagList>
        </TagGroup>
      )}
      <AddFilter search={search} onChange={onChange} />
    </div>
  );
}

function AddFilter({ search, onChange }: ChipsProps) {
  const [name, setName] = useState('action_type');
  const [sense, setSense] = useState<Demand['sense']>('is');
  const [value, setValue] = useState('');
  const filter = FILTERS.find((one) => one.name === name);
  if (!filter) return null;
  return (
    <DialogTrigger>
      <Button size="small">
        <Plus aria-hidden /> Filter
      </Button>
      <Popover className="popover" placement="bottom start">
        <Dialog aria-label="Add a filter" className="add-filter">
          {({ close }) => {
            const add = (event: SyntheticEvent) => {
              event.preventDefault();
              if (value.trim() === '') return;
              onChange(withValue(search, { filter, sense }, value.trim()));
              setValue('');
              close();
            };
            const choose = (picked: string) => {
              setName(picked);
              setValue('');
            };
            return (
              <Form className="stack" onSubmit={add}>
                <Select label="Field" choices={FILTERS.map((one) => ({ id: one.name, name: one.label }))} value={name} onChange={choose} />
                <Select
                  label="Comparison"
                  choices={[
                    { id: 'is', name: 'is' },
                    { id: 'is not', name: 'is not' },
                  ]}
                  value={sense}
                  onChange={(picked) => setSense(picked as Demand['sense'])}
                />
                {filter.values ? (
                  <Select label="Value" choices={filter.values.map((one) => ({ id: one, name: title(one) }))} value={value || null} onChange={setValue} />
                ) : (
                  <Field label="Value" value={value} onChange={setValue} autoComplete="off" />
                )}
                <Button type="submit" tone="primary" isDisabled={value.trim() === ''}>
                  Add the filter
                </Button>
              </Form>
            );
          }}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
