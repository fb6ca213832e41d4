import type { BookSettings } from '../../src/book/settings.ts';
import { Bookshelf } from '../../src/bookshelf/shelf.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import type { Executor } from '../../src/executors/executor.ts';
import { answeringModels, speakFromBooks } from '../../src/training/book/speak-from-books.ts';
import { PhaseProgram, type NamedTensors } from '../../src/training/phase-program.ts';
import { planPhase } from '../../src/training/plan.ts';
import { StepData } from '../../src/training/step-data.ts';
import { scalarsAt } from '../../src/training/step-feeds.ts';
import { prepareTeaching, type Teaching } from '../../src/training/teaching.ts';
import { AUGMENT, datasetOf } from './dataset.ts';
import { experimentOf, networkOf, sizesOf, type Lessons } from './experiment.ts';
import { readWorkload, weightsOf } from './workload-file.ts';

/** A workload of epochs as the product knows it. */
export interface Setup {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly executor: Executor;
  readonly learner: NamedTensors;
  readonly teacher: NamedTensors;
  /** Below it lies the book, where there is one. */
  readonly folder: string;
  readonly epochs: number;
}

/** @param folder of the workload */
export function setupOf(folder: string, executor: Executor, lessons: Omit<Lessons, 'augment'>): Setup {
  const { workload, tensors } = readWorkload(folder);
  if (workload.teacher === null) throw new Error('an epoch of distillation has a teacher');
  const pixels = Uint8Array.from(tensors['pixels']?.data ?? []);
  const augment = workload.augmented ? AUGMENT : [];
  const [student, teacher] = [networkOf(workload.student), networkOf(workload.teacher)];
  return {
    experiment: experimentOf(student, teacher, workload.batch, { ...lessons, augment }),
    dataset: datasetOf(pixels, tensors['labels']?.data as Int32Array),
    executor,
    learner: weightsOf(tensors, 'learner'),
    teacher: weightsOf(tensors, 'teacher'),
    folder,
    epochs: tensors['order']?.shape[0] ?? 0,
  };
}

/** All logits in float32. @param views of each sample */
export function wholeBook(views: number): BookSettings {
  return { precision: 'float32', topK: null, views, name: null };
}

/** A phase that is ready to train. */
export interface ReadyPhase {
  readonly program: PhaseProgram;
  readonly teaching: Teaching;
  readonly data: StepData;
  /** Milliseconds until the teacher could speak; where a book is to be written, it is written meanwhile. */
  readonly teachingMilliseconds: number;
}

/** Loads the phase, and lets its teacher speak live or from a book, which is written where it is not there. */
export async function readyPhase(setup: Setup): Promise<ReadyPhase> {
  const { experiment, dataset, executor, learner } = setup;
  const [phase] = experiment.phases;
  if (phase === undefined) throw new Error('the experiment has no phase');
  const batchSize = experiment.train.batchSize;
  const plan = planPhase(experiment, phase, dataset.splits.train.count);
  const program = await PhaseProgram.load(plan, sizesOf(batchSize), executor);
  await program.writeState(learner);
  const began = performance.now();
  const teaching = await teachingOf(setup, program);
  const teachingMilliseconds = performance.now() - began;
  const job = { phase, seed: experiment.train.seed };
  return {
    program,
    teaching,
    data: new StepData(experiment, dataset, job, program, teaching),
    teachingMilliseconds,
  };
}

async function teachingOf(setup: Setup, program: PhaseProgram): Promise<Teaching> {
  const { experiment, dataset, executor, folder } = setup;
  const sources = answeringModels(experiment, program.plan).map((teacher) => ({
    teacher,
    source: { name: teacher.instance, load: () => setup.teacher },
  }));
  if (!program.plan.fromBook) return prepareTeaching(program, sources, experiment, dataset);
  const context = {
    ...{ experiment, dataset, shelf: new Bookshelf(folder), runtime: { executor } },
    control: { request: 'none' as const, untilResumed: () => Promise.resolve() },
    tell: () => undefined,
    batchSize: experiment.train.batchSize,
  };
  const teaching = await speakFromBooks(context, program, sources);
  if (teaching === 'stop') throw new Error('nobody asked to stop');
  return teaching;
}

/**
 * Epochs as the loop of training runs them, without what it measures and records beside.
 * @param seen called after each step with its loss
 * @returns milliseconds of each epoch
 */
export async function trainEpochs(
  { program, data }: ReadyPhase,
  epochs: number,
  seen: (loss: number, step: number) => void,
): Promise<readonly number[]> {
  const milliseconds: number[] = [];
  const { stepsPerEpoch } = data;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const began = performance.now();
    for (let stepInEpoch = 0; stepInEpoch < stepsPerEpoch; stepInEpoch++) {
      const step = epoch * stepsPerEpoch + stepInEpoch;
      const feeds = await data.training(data.batch(epoch, stepInEpoch), { epoch, stepInEpoch, step });
      const { loss } = await program.run('train', {
        ...feeds,
        ...scalarsAt(program.plan, { step, stepsPerEpoch }),
      });
      seen(loss?.[0] ?? NaN, step);
    }
    milliseconds.push(performance.now() - began);
  }
  return milliseconds;
}

/** Gives back what a phase held. */
export async function leavePhase({ program, teaching }: ReadyPhase): Promise<void> {
  await teaching.book?.close();
  await program.dispose();
}
