import {
  integer,
  later,
  list,
  object,
  record,
  text,
  union,
  variant,
  type ObjectField,
} from '../../schema/field.ts';
import { modules } from '../../models/modules/index.ts';
import { ARCHITECTURES } from '../../models/zoo/zoo.ts';
import { ownTrainField } from './train.ts';

/** Every name of the zoo; the settings that a name implies are their defaults. */
const architectures: Readonly<Record<string, ObjectField<Readonly<Record<string, unknown>>>>> =
  Object.fromEntries(
    ARCHITECTURES.map(({ name, summary, family, settings }) => {
      const fields = Object.entries(family.settings.fields).map(([key, field]) =>
        Object.hasOwn(settings, key)
          ? [key, { ...field, default: settings[key], source: name }]
          : [key, field],
      );
      return [
        name,
        {
          ...family.settings,
          doc: summary,
          fields: Object.fromEntries(fields) as typeof family.settings.fields,
        },
      ];
    }),
  );

const moduleVariants: Readonly<Record<string, ObjectField<Readonly<Record<string, unknown>>>>> =
  Object.fromEntries(modules.map(({ name, summary, parameters }) => [name, { ...parameters, doc: summary }]));

const source = (doc: string) => ({ doc, optional: true }) as const;

export const modelField = object(
  {
    architecture: variant(architectures, {
      ...source('A network of the zoo, built for the size and the classes of the data.'),
      names: 'architecture',
    }),
    run: text({
      ...source(
        'An earlier run (its id, a unique beginning of it, or `latest`) whose finished model is used. It is not trained again.',
      ),
      refersTo: 'run',
      filled: true,
    }),
    model: text({
      doc: 'With `run`: the name of the model in that run. Left out: the same name as here.',
      optional: true,
      filled: true,
    }),
    file: later('A model file of another framework.'),
    layers: later('A network as a list of layers.'),
    book: later('Stored outputs in place of a model.'),
    train: ownTrainField,
    modules: list(variant(moduleVariants, { doc: 'A module.', names: 'module' }), {
      doc: 'Procedures of this model’s own, applied in order, wherever it learns or answers.',
      maximumLength: 16,
      optional: true,
    }),
    classes: list(
      union(
        [
          integer({ doc: 'Label of a class.', minimum: 0, maximum: 65_535 }),
          text({ doc: 'Name of a class.', refersTo: 'class', filled: true }),
        ],
        { doc: 'A class of the data: its name, or its number (label 0 is the first).' },
      ),
      {
        doc: 'The classes that this model tells apart, in the order of its logits; left out: all. It (and its baseline) learns, is validated and tested on their samples alone, and hears of a teacher of more classes what that says of these: the softmax over them sums to 1.',
        minimumLength: 2,
        maximumLength: 4096,
        optional: true,
        source: 'Wang, Rhodes, Feng 2022 (class-specialised distillation)',
      },
    ),
  },
  {
    doc: 'A model: an architecture to train, or the result of an earlier run.',
    exactlyOne: [['architecture', 'run']],
  },
);

export const modelsField = record(modelField, {
  doc: 'Any number of named models; `teacher` and `student` are only the customary names.',
  nameDoc: 'Name of a model, used in `distill` and `phases`.',
});
