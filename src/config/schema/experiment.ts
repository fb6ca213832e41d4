import type { Device } from '../../protocol/devices.ts';
import {
  boolean,
  choice,
  integer,
  later,
  list,
  number,
  object,
  text,
  union,
  variant,
} from '../../schema/field.ts';
import { checkpointsField } from './checkpoints.ts';
import { dataField } from './data.ts';
import { distillField } from './distill.ts';
import { metricsField } from './metrics.ts';
import { modelsField } from './models.ts';
import { phasesField } from './phases.ts';
import { reconstructionTask } from './task.ts';
import { trainField } from './train.ts';

const rhythm = (doc: string, always: string) =>
  union(
    [
      boolean({ doc: always }),
      object(
        {
          every: object(
            {
              epochs: integer({
                doc: 'Epochs between two measurements.',
                unit: 'epochs',
                minimum: 1,
                maximum: 100_000,
              }),
            },
            { doc: 'How often.' },
          ),
        },
        { doc: 'How often.' },
      ),
    ],
    { doc, default: true },
  );

/** The whole language of an experiment file. Everything that knows the language takes it from here. */
export const experimentField = object(
  {
    name: text({
      doc: "What the experiment is called in lists and reports. Left out: the file's name.",
      optional: true,
      filled: true,
    }),
    extends: text({
      doc: 'A base file. Maps are merged key by key, lists are replaced, this file wins.',
      refersTo: 'file',
      optional: true,
      filled: true,
    }),
    partial: boolean({
      doc: 'True: a base for others, which may lack keys and is never run itself.',
      default: false,
    }),
    task: variant(
      {
        classification: object({}, { doc: 'One class for each image.' }),
        segmentation: later('A class for each pixel.'),
        ctc: later('A sequence of symbols without alignment.'),
        sequence: later('One sequence to another.'),
        reconstruction: reconstructionTask,
      },
      { doc: 'What the models answer.', default: 'classification' },
    ),
    data: dataField,
    models: modelsField,
    distill: distillField,
    phases: phasesField,
    train: trainField,
    compare: object(
      {
        baseline: boolean({
          doc: 'Train the same student with the same budget without the teacher. Without it there is no verdict.',
          default: true,
        }),
        seeds: list(integer({ doc: 'A seed.', minimum: 0, maximum: 2_147_483_647 }), {
          doc: 'Student and baseline are trained once for each seed, in pairs. A verdict takes at least three. Left out: `train.seed` alone.',
          optional: true,
          minimumLength: 1,
          maximumLength: 1000,
        }),
        statistics: object(
          {
            test: choice(
              {
                pairedT: "Student's t of the differences between pairs, which are taken to be normal.",
                wilcoxon:
                  "Wilcoxon's signed rank test, which takes them to be symmetric only. At 95 % it needs six pairs or more.",
              },
              { doc: 'The statistical test of the paired differences.', default: 'pairedT' },
            ),
            level: number({
              doc: 'Of the interval and of the verdict.',
              default: 0.95,
              minimum: 0.5,
              maximum: 0.9999,
            }),
          },
          { doc: 'How pairs are judged. Left out: paired t at 95 %.', optional: true },
        ),
      },
      { doc: 'What the student is compared with.' },
    ),
    measure: object(
      {
        gap: rhythm(
          'The gap between teacher and student on the validation split: divergences, agreement, accuracies, calibration, per class, and where both look. A report is kept when a student has finished. Left out or true: numbers every epoch, where both look after eight, and a report of at most 10,000 samples; fewer of each where they would be more than 1 % of the training’s work, but always numbers and a look after the last epoch, and a report of 128 samples.',
          'As often as stays within 1 % of the training’s work, or never.',
        ),
        similarity: rhythm(
          'How alike layers of teacher and student are: linear CKA, CKA with an RBF kernel and distance correlation on at most 128 validation samples. Left out or true: every epoch, or less often where that would be more than 2 % of the training’s work, and after the last.',
          'As often as stays within 2 % of the training’s work, or never.',
        ),
        uncertainty: union(
          [
            boolean({ doc: 'Measure it, or not.' }),
            object(
              {
                coverage: number({
                  doc: 'Probability that the prediction set of a sample has at least; so often its label should be in it.',
                  exclusiveMinimum: 0,
                  exclusiveMaximum: 1,
                  default: 0.9,
                }),
                shift: choice(
                  {
                    lowResolution: 'Half the resolution.',
                    blur: 'Each pixel the mean of its neighbourhood of 3x3.',
                  },
                  {
                    doc: 'What is done to the test images the second time.',
                    default: 'lowResolution',
                    source: 'Hemmatian et al. 2024: blurred or low-resolution inputs',
                  },
                ),
              },
              { doc: 'How it is measured.' },
            ),
          ],
          {
            doc: 'Coverage of prediction sets, calibration, and total, aleatoric and epistemic uncertainty of each model on the test split, and on the same images shifted: `uncertainty/...` and `uncertainty/shifted/...` among the test values.',
            default: false,
          },
        ),
        metrics: metricsField,
      },
      { doc: 'What is measured beside the losses and the accuracy.' },
    ),
    engine: object(
      {
        device: choice<Device | 'auto', { doc: string; default: 'auto' }>(
          {
            auto: 'The fastest that works here; where several do, a timed trial of the real step decides. `kd doctor` tells which and why.',
            cpu: 'ONNX Runtime on the processor.',
            cuda: 'A graphics card of NVIDIA, by TensorFlow or ONNX Runtime, whichever is installed and faster.',
            webgpu: 'Any graphics card, by ONNX Runtime through WebGPU.',
            directml: 'Any graphics card on Windows, by ONNX Runtime through DirectML.',
            coreml: "Apple's processors, by ONNX Runtime through CoreML.",
            wasm: 'ONNX Runtime as WebAssembly: no native code at all.',
            tensorflow: 'TensorFlow on the processor, where `@tensorflow/tfjs-node` is installed.',
            eager: 'TensorFlow.js, operation by operation: slow, for what cannot be compiled.',
          },
          {
            doc: 'What computes. A device that is named and cannot serve is an error, never another device.',
            default: 'auto',
          },
        ),
        threads: integer({
          doc: 'Threads of the runtime. Left out: one for each physical core.',
          minimum: 1,
          maximum: 1024,
          optional: true,
        }),
        priority: choice(
          {
            auto: 'Full speed on an idle machine; while other programs need the processor, threads wait without spinning.',
            normal: 'Full speed always.',
            background: 'Every other program goes first.',
          },
          { doc: 'How much the run yields to other programs. Results are the same.', default: 'auto' },
        ),
        checkpoints: checkpointsField,
        memoryLimit: later('How much memory the run may take.'),
      },
      { doc: 'Where it runs.' },
    ),
    sweep: later('A grid of values. Until then: several files with `extends`, each with its own values.'),
  },
  { doc: 'A distillation experiment.' },
);
