import { beforeAll, describe, expect, it } from 'vitest';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { interpreter } from '../../src/executors/interpreter.ts';
import type { Checkpoint } from '../../src/runs/writer.ts';
import { probeSamples } from '../../src/training/data.ts';
import { FinishedRun, type RunFiles } from '../../src/training/finished-run.ts';
import type { TrainingOutcome } from '../../src/training/train-experiment.ts';
import type { MemoryWriter } from './memory-writer.ts';
import { smallExperiment, term, train, type SmallRun } from './small-run.ts';

const executor = onnxCpu({ threads: 1, spinning: false });
type Made = Awaited<ReturnType<typeof smallExperiment>>;

/** A run directory made of what a writer was told. */
function filesOf(
  writer: MemoryWriter,
  { checkpoint = null, without = [] }: { checkpoint?: Checkpoint | null; without?: readonly string[] } = {},
): RunFiles {
  return {
    models: () => [...writer.models.keys()].filter((name) => !without.includes(name)),
    model: (name) => writer.loadModel(name),
    checkpoint: () => checkpoint,
  };
}

function open({ experiment, dataset }: Made, run: RunFiles, on = executor): FinishedRun {
  return new FinishedRun({ experiment, dataset, run, executor: on, earlierModel: () => ({}) });
}

async function trained(
  run: SmallRun,
): Promise<{ made: Made; writer: MemoryWriter; outcome: TrainingOutcome }> {
  const made = await smallExperiment(run);
  return { made, ...(await train(made, { executor })) };
}

function accuracyOf(logits: Float32Array, labels: Int32Array): number {
  const classes = logits.length / labels.length;
  const right = labels.filter((label, n) => {
    const row = [...logits.subarray(n * classes, (n + 1) * classes)];
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / labels.length;
}

describe('a run that has finished, opened again', () => {
  let made: Made;
  let writer: MemoryWriter;
  let outcome: TrainingOutcome;
  beforeAll(async () => {
    ({ made, writer, outcome } = await trained({ seeds: [1, 2], epochs: 2 }));
  });

  it('lists its models and who is taught, of every seed', () => {
    const run = open(made, filesOf(writer));
    expect(run.models().map(({ name, state }) => `${name} ${state}`)).toEqual([
      'teacher-1 kept',
      'student-1 kept',
      'student-2 kept',
      'baseline-1 kept',
      'baseline-2 kept',
    ]);
    expect(run.students().map(({ name }) => name)).toEqual(['student-1', 'student-2']);
    expect(run.students(2).map(({ name }) => name)).toEqual(['student-2']);
    expect(run.teachers(run.model('student-2')).map(({ name }) => name)).toEqual(['teacher-1']);
    expect(() => run.model('assistant-1')).toThrow(/no trained model "assistant-1"/);
  });

  it('answers as it did when it was tested, also kernel by kernel, with the layers asked for', async () => {
    const { dataset } = made;
    const { count, labels } = dataset.splits.test;
    const all = probeSamples(count, count);
    for (const name of ['teacher-1', 'student-2']) {
      const run = open(made, filesOf(writer));
      const program = await run.load(run.kept(run.model(name)), ['stage2', 'logits'], 16);
      const said = await program.say(dataset, 'test', all);
      await program.dispose();
      const [phase, seed] = name.split('-');
      const result = outcome.results.phases.find((one) => one.phase === phase && `${one.seed}` === seed);
      expect(accuracyOf(said.logits, labels)).toBeCloseTo(Number(result?.test['accuracy']), 12);
      expect(said.layers['logits']).toEqual(said.logits);
      expect((said.layers['stage2']?.length ?? 0) / count).toBe(14 * 14 * (phase === 'teacher' ? 8 : 4));
      const eager = open(made, filesOf(writer), interpreter);
      const other = await eager.load(eager.kept(eager.model(name)), ['stage2'], 5);
      const few = probeSamples(count, 7);
      const again = await other.say(dataset, 'test', few);
      few.forEach((index, n) => {
        for (const [got, want] of [
          [again.logits, said.logits],
          [again.layers['stage2'], said.layers['stage2']],
        ]) {
          const width = (want?.length ?? 0) / count;
          const row = want?.subarray(index * width, (index + 1) * width) ?? [];
          row.forEach((value, k) => expect(got?.[n * width + k]).toBeCloseTo(value, 3));
        }
      });
    }
  });
});

describe('a run that still works, opened from its checkpoint', () => {
  it('holds the best weights of the student so far, and nobody who has not begun', async () => {
    const { made, writer } = await trained({ seeds: [1, 2], epochs: 3 });
    const at = writer.checkpoints.find(
      ({ meta }) => meta.phase === 'student' && meta.seed === 1 && meta.epoch === 2,
    );
    if (at === undefined) throw new Error('there is no such checkpoint');
    const without = ['student-1', 'student-2', 'baseline-1', 'baseline-2'];
    const run = open(made, filesOf(writer, { checkpoint: at, without }));
    expect(run.models().map(({ name, state }) => `${name} ${state}`)).toEqual([
      'teacher-1 kept',
      'student-1 training',
    ]);
    const { count, labels } = made.dataset.splits.validation;
    const program = await run.load(run.kept(run.model('student-1')), [], 16);
    const { logits } = await program.say(made.dataset, 'validation', probeSamples(count, count));
    const reached = writer.metricsLog
      .filter(
        ({ phase, seed, split, epoch }) =>
          phase === 'student' && seed === 1 && split === 'validation' && epoch < 2,
      )
      .map(({ values }) => Number(values['accuracy']));
    expect(accuracyOf(logits, labels)).toBeCloseTo(Math.max(...reached), 12);
  });
});

describe('a student that answers with the classifier of its teacher', () => {
  it('is opened with it, and answers as when it was tested', async () => {
    const { made, writer, outcome } = await trained({
      terms: [term('simkd', { pairs: [{ teacher: 'stage3', student: 'stage3' }] })],
      teacher: 'resnet8',
      student: 'resnet8',
      ...{ epochs: 1, teacherEpochs: 1, baseline: false },
    });
    const run = open(made, filesOf(writer));
    const { count, labels } = made.dataset.splits.test;
    const program = await run.load(run.kept(run.model('student-1')), ['stage1'], 16);
    const said = await program.say(made.dataset, 'test', probeSamples(count, count));
    const result = outcome.results.phases.find(({ phase }) => phase === 'student');
    expect(accuracyOf(said.logits, labels)).toBeCloseTo(Number(result?.test['accuracy']), 12);
    expect((said.layers['stage1']?.length ?? 0) / count).toBe(28 * 28 * 16);
  });
});

describe('a probe of a split', () => {
  it('is spread evenly, so that samples in the order of their classes keep every class', () => {
    expect([...probeSamples(10, 4)]).toEqual([0, 2, 5, 7]);
    expect([...probeSamples(3, 8)]).toEqual([0, 1, 2]);
    expect([...probeSamples(0, 8)]).toEqual([]);
  });
});
