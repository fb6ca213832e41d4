import { later, list, object, record, text, variant, type ObjectField } from '../../schema/field.ts';
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
    classes: later('Only some of the classes.'),
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
