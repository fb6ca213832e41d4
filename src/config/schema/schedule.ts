import {
  choice,
  integer,
  list,
  number,
  object,
  variant,
  type NumberField,
  type VariantField,
} from '../../schema/field.ts';
import { patienceFields } from './patience.ts';

const over = object(
  {
    epochs: number({
      doc: 'Length in epochs; fractions are allowed.',
      unit: 'epochs',
      exclusiveMinimum: 0,
      optional: true,
    }),
    steps: integer({ doc: 'Length in training steps.', unit: 'steps', minimum: 1, optional: true }),
  },
  { doc: 'How long the change takes, from the start of the phase.', exactlyOne: [['epochs', 'steps']] },
);

/** A field without what does not hold for the values of a schedule. */
function withoutKeys<T extends object, K extends keyof T>(field: T, keys: readonly K[]): Omit<T, K> {
  const entries = Object.entries(field).filter(([key]) => !keys.includes(key as K));
  return Object.fromEntries(entries) as Omit<T, K>;
}

const made = new WeakMap<NumberField, VariantField>();

/** What may stand in place of a number that can vary over time. The values keep the number's own bounds. */
export function scheduleField(field: NumberField): VariantField {
  const known = made.get(field);
  if (known !== undefined) return known;
  const { exclusiveMinimum } = field;
  const bounds = withoutKeys(field, ['default', 'exclusiveMinimum']);
  const value = (doc: string): NumberField => {
    const least = exclusiveMinimum === undefined ? {} : { exclusiveMinimum };
    return { ...bounds, ...least, doc, schedulable: false };
  };
  // An end may touch a bound that the number itself must not reach: a rate that fades to 0.
  const end = (doc: string): NumberField => {
    const least = exclusiveMinimum === undefined ? {} : { minimum: exclusiveMinimum };
    return { ...bounds, ...least, doc, schedulable: false };
  };
  const ramp = (doc: string) =>
    object(
      { from: value('Value at the start.'), to: end('Value at the end, kept from then on.'), over },
      { doc },
    );
  const schedule = variant(
    {
      constant: object({ value: value('The value.') }, { doc: 'The same value throughout.' }),
      linear: ramp('A straight line: `from + (to - from) · t / over`.'),
      cosine: ramp('Half a cosine wave: `to + (from - to) · (1 + cos(π · t / over)) / 2`.'),
      step: object(
        {
          from: value('Value before the first milestone.'),
          milestones: list(number({ doc: 'Where the value changes.', exclusiveMinimum: 0 }), {
            doc: 'Where the value is multiplied by `factor`, ascending.',
            minimumLength: 1,
            maximumLength: 1000,
          }),
          factor: number({
            doc: 'Multiplies the value at each milestone.',
            exclusiveMinimum: 0,
            maximum: 10,
            default: 0.1,
          }),
          unit: choice(
            { epochs: 'Milestones are epochs.', steps: 'Milestones are training steps.' },
            { doc: 'What milestones count.', default: 'epochs' },
          ),
        },
        { doc: 'Multiplied by `factor` at each milestone.' },
      ),
      warmUp: object(
        {
          over,
          then: {
            ...value(
              'What follows: a number or a schedule. Its own lengths, too, count from the start of the phase.',
            ),
            schedulable: true,
          },
        },
        { doc: 'Rises in a straight line from 0 to what follows.' },
      ),
      plateau: object(
        {
          from: value('Value before the first reduction.'),
          factor: number({
            doc: 'Multiplies the value each time validation stalls.',
            exclusiveMinimum: 0,
            exclusiveMaximum: 1,
            default: 0.1,
            source: 'PyTorch, ReduceLROnPlateau',
          }),
          minimum: number({
            ...end('The value never falls below it.'),
            default: Math.max(0, bounds.minimum ?? 0),
          }),
          ...patienceFields(10, 'PyTorch, ReduceLROnPlateau'),
        },
        { doc: 'Multiplied by `factor` whenever a metric of the validation split stalls.' },
      ),
      oneCycle: object(
        {
          peak: value('Largest value.'),
          over,
          rise: number({
            doc: 'Share of the length in which the value rises.',
            exclusiveMinimum: 0,
            exclusiveMaximum: 1,
            default: 0.3,
            source: 'PyTorch, OneCycleLR',
          }),
          startDivisor: number({
            doc: 'It begins at `peak / startDivisor`.',
            minimum: 1,
            maximum: 1e9,
            default: 25,
            source: 'PyTorch, OneCycleLR',
          }),
          endDivisor: number({
            doc: 'It ends at `peak / startDivisor / endDivisor`.',
            minimum: 1,
            maximum: 1e9,
            default: 1e4,
            source: 'PyTorch, OneCycleLR',
          }),
        },
        {
          doc: 'Up to `peak` and down again, along half cosine waves (Smith and Topin 2018). The momentum stays as it is.',
        },
      ),
    },
    { doc: 'How the value changes over the phase.' },
  );
  made.set(field, schedule);
  return schedule;
}
