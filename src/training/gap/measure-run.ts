import { mergedPage } from '../../book/merge.ts';
import type { Dataset } from '../../data/dataset.ts';
import { attentionEnergy, type Energy } from '../../measures/attention.ts';
import { UserError } from '../../protocol/errors.ts';
import type { AttentionPair, GapAttention, GapReport } from '../../protocol/gap-report.ts';
import type { Split } from '../../protocol/records.ts';
import { probeSamples } from '../data.ts';
import type { FinishedRun, RunModel } from '../finished-run.ts';
import type { KeptModel, KeptProgram } from '../kept-program.ts';
import { together } from '../measurements.ts';
import { attentionMap, meanOverlap } from './attention-maps.ts';
import { attentionPairs, mapShape } from './attention-pairs.ts';
import { pictureOf } from './pictures.ts';
import { gapReport, MOST_SAMPLES } from './report.ts';
import { teachingTemperature } from './softening.ts';

const SPLIT: Split = 'validation';
/** Samples asked about at once. */
const BATCH = 64;
/** Samples on which both are looked at. */
const LOOKED_AT = 8;

export interface GapQuestion {
  /** Name of the student's weights; null: the student of `seed`. */
  readonly student: string | null;
  /** Null: the lowest. */
  readonly seed: number | null;
  /** At most so many, evenly spaced. */
  readonly samples: number | null;
  /** Null: that of the teaching. */
  readonly temperature: number | null;
}

/**
 * The gap between a student of a run and its teachers, measured now on validation with the weights that there are.
 * @throws UserError KD5041 where there is no such student; KD4003, KD5010, KD5011 for weights
 */
export async function measureRun(run: FinishedRun, question: GapQuestion): Promise<Omit<GapReport, 'run'>> {
  const began = performance.now();
  const { experiment } = run.source;
  if (experiment.task.kind === 'reconstruction') throw noClasses();
  const student = studentOf(run, question);
  const dataset = run.dataOf(student);
  const samples = probeSamples(dataset.splits[SPLIT].count, question.samples ?? MOST_SAMPLES);
  if (samples.length === 0) throw noValidation();
  const own = run.kept(student);
  const teachers = run.teachers(student);
  const [teacher] = teachers;
  if (teacher === undefined) throw nobodyTaught(run);
  const pairs = student.plan.phase.book === undefined ? pairsOf(teacher, own) : [];
  const asked = { run, dataset, samples };
  const studentAnswers = await answersOf(
    asked,
    own,
    pairs.map((pair) => pair.student),
  );
  const teacherAnswers: Answers[] = [];
  for (const one of teachers)
    teacherAnswers.push(
      await answersOf(asked, one, one === teacher ? pairs.map((pair) => pair.teacher) : []),
    );
  const [first] = teacherAnswers;
  const attention =
    first === undefined || pairs.length === 0 ? null : attentionOf(dataset, pairs, first, studentAnswers);
  return gapReport(
    {
      ...{
        phase: student.job.phase.name,
        seed: student.job.seed,
        student: student.name,
        state: student.state,
      },
      teachers: teachers.map(({ name }) => name),
    },
    {
      ...{ dataset, split: SPLIT, samples, student: studentAnswers.logits },
      teacher: taught(
        student,
        teacherAnswers.map(({ logits }) => logits),
        dataset.classes.length,
      ),
      temperature: question.temperature ?? teachingTemperature(experiment, student.job.phase),
    },
    attention,
    { milliseconds: performance.now() - began, share: null },
  );
}

/** What the student hears of all of them together: merged as its book is, or the mean of their probabilities. */
function taught({ plan }: RunModel, said: readonly Float32Array[], classes: number): Float32Array {
  const { book } = plan.phase;
  if (book === undefined) return together(said, classes);
  const merged = new Float32Array(said[0]?.length ?? 0);
  for (let at = 0; at < merged.length; at += classes) {
    const rows = said.map((logits) => logits.subarray(at, at + classes));
    merged.set(mergedPage(book, rows, null), at);
  }
  return merged;
}

function pairsOf(teacher: KeptModel, student: KeptModel): readonly AttentionPair[] {
  return attentionPairs(teacher.planned.graph, student.planned.graph);
}

function studentOf(run: FinishedRun, { student, seed }: GapQuestion): RunModel {
  const students = run.students(seed);
  const found =
    student === null
      ? (students.find(({ job }) => job.phase.name === 'student') ?? students.at(-1))
      : run.students().find(({ name }) => name === student);
  if (found === undefined) throw nobodyTaught(run);
  return found;
}

function nobodyTaught(run: FinishedRun): UserError {
  const names = run.students().map(({ name }) => name);
  return new UserError({
    code: 'KD5041',
    message:
      names.length === 0
        ? 'this run holds no student that a finished teacher teaches'
        : 'this run holds no such student',
    help:
      names.length === 0
        ? 'choose a run that distils; of one that still trains its teacher, wait for the first checkpoint of the student'
        : `it holds: ${names.join(', ')}`,
  });
}

function noClasses(): UserError {
  return new UserError({
    code: 'KD5041',
    message: 'the models of this run answer with images, and the gap is one between answers about classes',
    help: '`kd show RUN` tells the PSNR and SSIM of teacher and student, `kd match RUN` how alike their layers are',
    key: 'task',
  });
}

function noValidation(): UserError {
  return new UserError({
    code: 'KD5041',
    message: 'this run has no validation split, on which teacher and student are compared',
    help: 'give `data.validation` a fraction above 0, and run it again',
    key: 'data.validation',
  });
}

interface Answers {
  readonly logits: Float32Array;
  /** `[layer][sample]`, of the samples that are looked at. */
  readonly energies: readonly (readonly Energy[])[];
}

/** Who is asked, and about what. */
interface Asked {
  readonly run: FinishedRun;
  /** Of the student: its classes alone. */
  readonly dataset: Dataset;
  readonly samples: Int32Array;
}

async function answersOf(
  { run, dataset, samples }: Asked,
  model: KeptModel,
  layers: readonly string[],
): Promise<Answers> {
  const batch = Math.min(BATCH, samples.length);
  return {
    logits: await using(
      await run.load(model, [], batch),
      async (program) => (await program.say(dataset, SPLIT, samples)).logits,
    ),
    energies:
      layers.length === 0
        ? []
        : await using(await run.load(model, [...new Set(layers)], LOOKED_AT), async (program) => {
            const probe = probeSamples(dataset.splits[SPLIT].count, LOOKED_AT);
            const said = await program.say(dataset, SPLIT, probe);
            return layers.map((layer) => energiesOf(model, layer, said.layers[layer], probe.length));
          }),
  };
}

async function using<T>(program: KeptProgram, work: (program: KeptProgram) => Promise<T>): Promise<T> {
  try {
    return await work(program);
  } finally {
    await program.dispose();
  }
}

function energiesOf(
  { planned }: KeptModel,
  layer: string,
  maps: Float32Array | undefined,
  count: number,
): readonly Energy[] {
  const shape = mapShape(planned.graph, layer);
  const size = shape[0] * shape[1] * shape[2];
  return Array.from({ length: count }, (_, n) =>
    attentionEnergy(maps ?? new Float32Array(), n * size, shape),
  );
}

function attentionOf(
  dataset: Dataset,
  pairs: readonly AttentionPair[],
  teacher: Answers,
  student: Answers,
): GapAttention {
  const { count, labels } = dataset.splits[SPLIT];
  return {
    pairs,
    samples: Array.from(probeSamples(count, LOOKED_AT), (index) => ({
      index,
      label: labels[index] ?? 0,
      pixels: pictureOf(dataset, SPLIT, index),
    })),
    teacher: teacher.energies.map((energies) => energies.map(attentionMap)),
    student: student.energies.map((energies) => energies.map(attentionMap)),
    overlap: student.energies.map((energies, pair) => meanOverlap(teacher.energies[pair] ?? [], energies)),
  };
}
