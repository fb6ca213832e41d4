import { generatorLosses } from '../methods/data-free/index.ts';
import { integer, number, object, variant } from '../schema/field.ts';
import { baselineOf, taught, trainFirst } from './parts.ts';
import { GENERATOR, type GeneratorPlan } from './phase.ts';
import { defineScheme } from './scheme.ts';

const losses = Object.fromEntries(
  generatorLosses.map(({ name, parameters, summary }) => [name, { ...parameters, doc: summary }]),
);

/**
 * The student never sees the training split: a generator learns to make images from what the teacher (and the student) say of
 * them, in turns with the student, which learns from the teacher's answers to them (Chen et al. 2019; Fang et al. 2019).
 */
export const dataFree = defineScheme({
  name: 'dataFree',
  title: 'Data-free distillation',
  summary: 'A generator makes the images from which the student learns what the teacher knows.',
  doc: [
    'Phases: the teacher (once, unless it has weights), then for each seed `student`, in which generator and student take turns and hard labels',
    'count nothing, and `baseline`: the same student on the real training split. Validation and test are real images, and choose and judge as ever.',
  ].join('\n'),
  teachers: { minimum: 1, maximum: 1 },
  settings: object(
    {
      generator: variant(losses, { doc: 'What the generator minimises.', default: 'dafl' }),
      latent: integer({
        doc: 'Numbers of noise that an image is made from.',
        default: 100,
        minimum: 1,
        maximum: 4096,
        source: 'Chen et al. 2019, the authors’ code',
      }),
      filters: integer({
        doc: 'Filters of the generator’s first convolution; the second has half of them.',
        default: 128,
        minimum: 2,
        maximum: 2048,
        source: 'Chen et al. 2019, the authors’ code',
      }),
      stepsPerEpoch: integer({
        doc: 'Steps of an epoch, those of the generator included, since there is no split to go through.',
        unit: 'steps',
        default: 120,
        minimum: 1,
        maximum: 1_000_000,
        source: 'Chen et al. 2019, the authors’ code',
      }),
      generatorSteps: integer({
        doc: 'Steps of the generator in each turn.',
        unit: 'steps',
        default: 1,
        minimum: 1,
        maximum: 1000,
      }),
      studentSteps: integer({
        doc: 'Steps of the student in each turn; dfad takes 5.',
        unit: 'steps',
        default: 1,
        minimum: 1,
        maximum: 1000,
      }),
      learningRate: number({
        doc: 'Learning rate of the generator, under Adam.',
        default: 1e-3,
        exclusiveMinimum: 0,
        maximum: 1,
        source: 'Fang et al. 2019, section 4; the authors’ code',
      }),
    },
    { doc: 'The generator, and how it takes turns with the student.' },
  ),
  expand(context, settings) {
    const { generator, latent, filters, stepsPerEpoch, generatorSteps, studentSteps, learningRate } =
      settings;
    const [loss = 'dafl', parameters = {}] = Object.entries(generator)[0] ?? [];
    const plan: GeneratorPlan = {
      loss,
      parameters: parameters,
      latent,
      filters,
      stepsPerEpoch,
      learningRate,
    };
    return [
      ...trainFirst(context.from, context),
      taught(context, {
        freeze: context.from,
        generator: plan,
        alternate: [
          { update: [GENERATOR], steps: generatorSteps },
          { update: [context.to], steps: studentSteps },
        ],
      }),
      ...baselineOf(context),
    ];
  },
});
