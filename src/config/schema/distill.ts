import {
  boolean,
  choice,
  integer,
  list,
  number,
  object,
  text,
  union,
  variant,
  type ObjectField,
} from '../../schema/field.ts';
import { adapterField } from '../../methods/adapter-choice.ts';
import type { Method } from '../../methods/method.ts';
import { catalogue } from '../../methods/index.ts';
import { refiners } from '../../methods/refine/index.ts';
import { schemes } from '../../schemes/index.ts';

const model = (doc: string) => ({ doc, refersTo: 'model', filled: true }) as const;
export const layer = (doc: string) => text({ doc, refersTo: 'layer', filled: true });

const named = object(
  { teacher: layer('Layer of the teacher.'), student: layer('Layer of the student.') },
  { doc: 'The same with names.' },
);
const onePair = <O extends ObjectField>(names: O) =>
  union(
    [
      list(layer("A layer: the teacher's first, then the student's."), {
        doc: '`[teacher layer, student layer]`',
        minimumLength: 2,
        maximumLength: 2,
      }),
      names,
    ],
    { doc: 'One pair of layers to compare.' },
  );

export const pairField = onePair(named);

/** A pair of a term, whose method may leave the choice of an adapter to it. */
function termPairField({ name, adapters, mismatch }: Method) {
  if (adapters === true)
    return onePair(
      object(
        { ...named.fields, adapter: adapterField },
        { doc: 'The same with names, and with an adapter.' },
      ),
    );
  const reason = `${name} leaves no choice of an adapter. ${mismatch ?? 'It compares layers as they are.'}`;
  return onePair({ ...named, foreign: { adapter: reason } });
}

export const severalModels = (doc: string) =>
  union([text(model(doc)), list(text(model(doc)), { doc, minimumLength: 1, maximumLength: 16 })], {
    doc,
    optional: true,
  });

const refineField = (doc: string) =>
  list(
    variant(
      Object.fromEntries(
        refiners.map(({ name, parameters, summary }) => [name, { ...parameters, doc: summary }]),
      ),
      { doc: 'A refiner: its name, or its name with settings.', names: 'refiner' },
    ),
    { doc, default: [], maximumLength: 8 },
  );

function termField(method: Method): ObjectField<Readonly<Record<string, unknown>>> {
  const { pairs, layers } = method.needs;
  const settings = {
    weight: number({
      doc: 'Factor of this term in the loss. A number or a schedule.',
      default: method.defaultWeight.value,
      source: method.defaultWeight.source,
      minimum: 0,
      maximum: 1e9,
      schedulable: true,
    }),
    ...(pairs === undefined
      ? {}
      : {
          pairs: list(termPairField(method), {
            doc: 'The pairs of layers to compare, `[teacher layer, student layer]`.',
            minimumLength: pairs.minimum,
            maximumLength: pairs.maximum,
            ...(pairs.minimum === 0 ? { default: [] } : {}),
          }),
        }),
    ...(layers === undefined
      ? {}
      : {
          layers: list(layer('A layer of the student.'), {
            doc: 'The layers of the student that are compared, in its order.',
            minimumLength: layers.minimum,
            maximumLength: layers.maximum,
          }),
        }),
    ...method.parameters.fields,
    start: integer({
      doc: 'First epoch in which the term counts, from 0.',
      unit: 'epochs',
      default: 0,
      minimum: 0,
    }),
    end: integer({
      doc: 'Epoch from which on it no longer counts. Left out: to the end.',
      unit: 'epochs',
      minimum: 1,
      optional: true,
    }),
    from: severalModels(
      'Who teaches this term, in place of `distill.from`: one model, or several that are combined.',
    ),
    to: severalModels(
      'Who learns by this term, in place of everybody whom the scheme teaches. A model that the scheme does not teach learns beside the student (offline, multiTeacher, adversarial, studentAware).',
    ),
    refine: refineField('Refiners for this term alone, after those of `distill.refine`.'),
  };
  const foreign: Readonly<Record<string, string>> =
    pairs === undefined
      ? {
          pairs:
            layers === undefined
              ? `${method.name} compares answers, not layers.`
              : `${method.name} compares layers of the student alone: name them under \`layers\`.`,
        }
      : {};
  return { kind: 'object', fields: settings, foreign, doc: method.summary };
}

export const termVariants: Readonly<Record<string, ObjectField>> = Object.fromEntries(
  catalogue.map((method) => [method.name, termField(method)]),
);

const schemeSettings: Readonly<Record<string, ObjectField>> = Object.fromEntries(
  schemes.map(({ name, summary, settings }) => [name, { ...settings, doc: summary }]),
);

/** Largest number of views that is sensible to store. */
const MOST_VIEWS = 1000;

const bookField = union(
  [
    boolean({ doc: 'With every default, or not at all.' }),
    object(
      {
        precision: choice(
          {
            float32: 'As the teacher said them; students learn exactly as from the live teacher.',
            float16: 'Half the size, rounded to 11 bits.',
          },
          { doc: 'How numbers are stored.', default: 'float32' },
        ),
        topK: integer({
          doc: 'Only the logits of so many most probable classes, and the probability of all others together, which is spread evenly when they are read. Left out: all.',
          unit: 'classes',
          minimum: 1,
          maximum: 100_000,
          optional: true,
        }),
        views: integer({
          doc: 'How many views of each training image are stored where `data.augment` is on. Epoch e shows view e mod `views`, to the student and to the baseline alike.',
          unit: 'views',
          default: 4,
          minimum: 1,
          maximum: MOST_VIEWS,
          source: 'inferred: BookKD leaves open how its pages meet augmentation',
        }),
        name: text({
          doc: 'Name of the book below `.kd/books`: this one or none, so a difference is an error. Left out: a book that serves is found, or a new one written.',
          optional: true,
          filled: true,
        }),
      },
      { doc: 'How the answers are stored.' },
    ),
  ],
  {
    doc: "Stores the teacher's answers once, in a book below `.kd/books` that every student, seed and run reads in place of the teacher (BookKD, Zhu et al. 2023).",
    optional: true,
  },
);

export const distillField = object(
  {
    scheme: variant(schemeSettings, {
      doc: 'Who teaches whom, and when. Expands to phases.',
      default: 'offline',
      names: 'scheme',
    }),
    from: severalModels(
      'The teaching model, or several. Left out: `teacher`, where the scheme has a teacher.',
    ),
    to: text({ ...model('The learning model.'), default: 'student' }),
    refine: refineField(
      'Changes what both sides say before anything is matched, in this order: standardise, simplify, augment.',
    ),
    match: list(
      variant(termVariants, {
        doc: 'A method of the catalogue: its name, or its name with settings.',
        names: 'method',
      }),
      {
        doc: 'The loss terms. Their weighted sum, with the weighted hard labels, is what the student minimises.',
        minimumLength: 1,
        maximumLength: 32,
      },
    ),
    hardLabelWeight: number({
      doc: 'Factor of the cross-entropy with the true labels. A number or a schedule. Left out: what the recipes of the methods say (their pages have it); else 0.1 where every term compares answers (kd and its kin), and 1 otherwise.',
      minimum: 0,
      maximum: 1e9,
      schedulable: true,
      optional: true,
      source: 'RepDistiller and mdistiller: 0.1 for logit methods (with kd at 0.9), 1 for feature methods',
    }),
    book: bookField,
  },
  { doc: 'Who teaches whom, and which knowledge is matched.' },
);
