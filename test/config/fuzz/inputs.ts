import fc from 'fast-check';
import { stringify } from 'yaml';
import { experimentField } from '../../../src/config/schema/experiment.ts';
import { scheduleField } from '../../../src/config/schema/schedule.ts';
import type { Field } from '../../../src/schema/field.ts';

/** How deep a made config goes; schedules hold schedules. */
const DEEPEST = 7;

/** Words from all over the language, and some that mean something elsewhere. */
const WORDS = [
  'teacher',
  'student',
  'stage1',
  'stage2',
  'stage3.block0.conv1',
  'embedding',
  'data/train-images',
  'data/test-labels',
  'data',
  '../outside/train-images',
  'base.kd.yaml',
  'latest',
  'finished-1',
  'fresh',
  '__proto__',
  'constructor',
  '',
  '😀',
  'a: b',
  '1e3',
  'yes',
];

const nonsense: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...WORDS, null, true, false, 0, -1, 0.5, 1e308, Number.NaN, Infinity, [], {}),
  fc.integer(),
  fc.double(),
  fc.string({ maxLength: 8 }),
);

const made = new WeakMap<Field, fc.Arbitrary<unknown>[]>();

/** A value that a field may or may not take: mostly of its kind, sometimes of another. */
function valueOf(field: Field, depth: number): fc.Arbitrary<unknown> {
  if (depth > DEEPEST) return nonsense;
  const known = made.get(field) ?? [];
  made.set(field, known);
  known[depth] ??= fc.oneof(
    // Made when it is first drawn: the language is large, and its schedules hold schedules.
    { weight: 14, arbitrary: fc.constant(null).chain(once(() => fitting(field, depth))) },
    { weight: 1, arbitrary: nonsense },
  );
  return known[depth];
}

function once<T>(make: () => T): () => T {
  let value: { readonly made: T } | undefined;
  return () => (value ??= { made: make() }).made;
}

function fitting(field: Field, depth: number): fc.Arbitrary<unknown> {
  const inner = (one: Field) => valueOf(one, depth + 1);
  switch (field.kind) {
    case 'number': {
      const plain = fc.oneof(
        fc.integer({ min: 0, max: 20 }),
        fc.constantFrom(field.minimum ?? 0, field.maximum ?? 1, field.default ?? 1),
        fc.double({ min: 0, max: 2, noNaN: true }),
      );
      return field.schedulable
        ? fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: inner(scheduleField(field)) })
        : plain;
    }
    case 'boolean':
      return fc.boolean();
    case 'text':
      return fc.constantFrom(...WORDS);
    case 'choice':
      return fc.constantFrom(...Object.keys(field.choices));
    case 'list':
      return fc.array(inner(field.item), { maxLength: 3 });
    case 'object':
      return entries(field.fields, depth);
    case 'record':
      return fc.dictionary(
        fc.constantFrom('teacher', 'student', 'other', '__proto__', '1'),
        inner(field.value),
        {
          maxKeys: 3,
        },
      );
    case 'variant': {
      const words = Object.entries(field.variants);
      return fc.constantFrom(...words).chain(([word, settings]) =>
        fc.oneof(
          fc.constant<unknown>(word),
          inner(settings).map((value) => ({ [word]: value })),
        ),
      );
    }
    case 'tagged':
      return fc
        .constantFrom(...Object.entries(field.variants))
        .chain(([word, settings]) =>
          settings.kind === 'object'
            ? entries(settings.fields, depth).map((value) => ({ [field.tag]: word, ...value }))
            : fc.constant({ [field.tag]: word }),
        );
    case 'union':
      return fc.oneof(...field.options.map(inner));
    case 'later':
      return nonsense;
  }
}

/** Most keys of a map, now and then one that is none. */
function entries(
  fields: Readonly<Record<string, Field>>,
  depth: number,
): fc.Arbitrary<Record<string, unknown>> {
  const known = Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, valueOf(field, depth + 1)]),
  );
  return fc
    .tuple(
      fc.record(known, { requiredKeys: [] }),
      fc.option(fc.tuple(fc.constantFrom('lr', 'T', 'epoch', 'constructor', '<<'), nonsense), { freq: 8 }),
    )
    .map(([map, more]) => (more === null ? map : { ...map, [more[0]]: more[1] }));
}

/** Configs that follow the grammar of the language, well-formed YAML in blocks or brackets, with right and wrong values. */
export const grammatical: fc.Arbitrary<string> = fc
  .tuple(entries(experimentField.fields, 0), fc.boolean(), fc.boolean())
  .map(([config, flow, windows]) => {
    const text = stringify(config, { collectionStyle: flow ? 'flow' : 'any', lineWidth: 0 });
    return windows ? text.replaceAll('\n', '\r\n') : text;
  });

type Bytes = Buffer;
type Mutation = (bytes: Bytes, at: number, length: number, value: number) => Bytes;

const MUTATIONS: readonly Mutation[] = [
  (bytes, at, _, value) => spliced(bytes, at, 1, Buffer.from([value])),
  (bytes, at, _, value) => spliced(bytes, at, 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << (value % 8))])),
  (bytes, at, length) => spliced(bytes, at, length, Buffer.alloc(0)),
  (bytes, at, length) => spliced(bytes, at, 0, bytes.subarray(at, at + length)),
  (bytes, at, length, value) => spliced(bytes, at, 0, Buffer.alloc(length, value)),
  (bytes, at, length, value) =>
    spliced(bytes, at, 0, bytes.subarray((value * 7) % bytes.length, ((value * 7) % bytes.length) + length)),
  (bytes, at) => bytes.subarray(0, at),
];

function spliced(bytes: Bytes, at: number, removed: number, put: Bytes): Bytes {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]);
}

/** Bytes of known configs, some of them replaced, flipped, removed, doubled or moved, read as UTF-8. */
export function mutated(seeds: readonly string[]): fc.Arbitrary<string> {
  const step = fc.tuple(
    fc.constantFrom(...MUTATIONS),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 1, max: 24 }),
    fc.integer({ min: 0, max: 255 }),
  );
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(step, { minLength: 1, maxLength: 5 }))
    .map(([seed, steps]) =>
      steps
        .reduce<Bytes>(
          (bytes, [mutate, share, length, value]) =>
            bytes.length === 0 ? bytes : mutate(bytes, Math.floor(share * (bytes.length - 1)), length, value),
          Buffer.from(seed),
        )
        .toString('utf8'),
    );
}
