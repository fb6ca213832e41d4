import type { Experiment } from '../../config/experiment.ts';
import { Batches } from '../../data/batches.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Feeds } from '../../executors/executor.ts';
import type { Energy } from '../../measures/attention.ts';
import { measureGap } from '../../measures/gap.ts';
import type { GapAttention } from '../../protocol/gap-report.ts';
import type { RunWriter } from '../../runs/writer.ts';
import { probeSamples } from '../data.ts';
import type { JobProgress } from '../job-progress.ts';
import { answeringModels } from '../book/speak-from-books.ts';
import { listJobs, modelName, type Job } from '../jobs.ts';
import { isDue } from '../measurements.ts';
import { predictGraph, type PhaseProgram } from '../phase-program.ts';
import { weightsName } from '../teaching.ts';
import { attentionMap, meanOverlap } from './attention-maps.ts';
import { gapBounds, isLookedAt, type GapBounds } from './gap-bounds.ts';
import { gapReport } from './report.ts';
import { pictureOf } from './pictures.ts';
import { teachingTemperature } from './softening.ts';

/** Of the time of a training: what measuring should stay below. */
const MOST_SHARE = 0.03;

export interface GapContext {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly writer: RunWriter;
  readonly job: Job;
  readonly program: PhaseProgram;
  readonly progress: JobProgress;
  /** `[validation samples, classes]`, of all who teach. */
  readonly teacherLogits: Float32Array;
}

/**
 * Measures how far the student of a job is from its teachers, on validation: in numbers after an epoch, where it looks after a
 * few, and everything once with the weights that are kept, each within its bounds. What that takes is timed and told.
 */
export class JobGap {
  readonly #context: GapContext;
  readonly #temperature: number;
  readonly #bounds: GapBounds;
  #teacherEnergies: readonly (readonly Energy[])[] | null = null;

  constructor(context: GapContext) {
    this.#context = context;
    const { experiment, dataset, job, program } = context;
    this.#temperature = teachingTemperature(experiment, job.phase);
    this.#bounds = gapBounds(experiment.measure.gap, program.plan, {
      validation: dataset.splits.validation.count,
      looked: program.sizes.attention,
      train: dataset.splits.train.count,
    });
  }

  /**
   * Records the gap after an epoch, if it is due.
   * @param student logits, `[validation samples, classes]`
   * @returns what of it belongs among the metrics of validation
   */
  afterEpoch(epoch: number, epochs: number, student: Float32Array): Readonly<Record<string, number>> {
    const { dataset, writer, job, teacherLogits } = this.#context;
    if (!isDue(this.#bounds.rhythm, epoch, epochs)) return {};
    const began = performance.now();
    const { labels } = dataset.splits.validation;
    const { numbers, perClass } = measureGap(
      teacherLogits,
      student,
      labels,
      dataset.classes,
      this.#temperature,
    );
    writer.gap({ phase: job.phase.name, seed: job.seed, epoch, ...numbers, perClass });
    this.#spent(began);
    return {
      'gap/kl': Number(numbers.kl),
      'gap/js': Number(numbers.js),
      'gap/agreement': numbers.agreement,
      'gap/accuracy': numbers.studentAccuracy - numbers.teacherAccuracy,
    };
  }

  /** Keeps where the student looks, after a few epochs evenly spaced, the first and the last among them. */
  async look(epoch: number, epochs: number): Promise<void> {
    const { experiment, writer, job, program } = this.#context;
    const { attentionPairs: pairs } = program;
    const { enabled } = experiment.measure.gap;
    if (!enabled || pairs.length === 0 || !isLookedAt(epoch, epochs, this.#bounds.looks)) return;
    const began = performance.now();
    const [teacher, student] = [await this.#teacherLooks(), await this.#studentLooks()];
    writer.attention({
      phase: job.phase.name,
      seed: job.seed,
      epoch,
      samples: [...this.#probe()],
      pairs,
      student: student.map((energies) => energies.map(attentionMap)),
      overlap: student.map((energies, pair) => meanOverlap(teacher[pair] ?? [], energies)),
    });
    this.#spent(began);
  }

  /**
   * Writes the report. The program holds the weights that are kept.
   * @param scalars of the last step, for a learner whose answer depends on them
   */
  async report(scalars: Feeds): Promise<void> {
    const { experiment, dataset, writer, job, program, progress, teacherLogits } = this.#context;
    if (!experiment.measure.gap.enabled) return;
    const began = performance.now();
    const { learner, classes } = program.plan;
    const samples = probeSamples(dataset.splits.validation.count, this.#bounds.reported);
    const student = await this.#predict(samples, scalars);
    const teacher = new Float32Array(samples.length * classes);
    samples.forEach((index, n) =>
      teacher.set(teacherLogits.subarray(index * classes, (index + 1) * classes), n * classes),
    );
    const attention = program.attentionPairs.length === 0 ? null : await this.#attention();
    const whose = {
      ...{ phase: job.phase.name, seed: job.seed, student: modelName(job, learner), state: 'kept' as const },
      teachers: answeringModels(experiment, program.plan).map(
        (teacher) => weightsName(teacher, job, listJobs(experiment), experiment) ?? teacher.instance,
      ),
    };
    const compared = {
      dataset,
      split: 'validation',
      samples,
      teacher,
      student,
      temperature: this.#temperature,
    } as const;
    const report = gapReport(whose, compared, attention, { milliseconds: 0, share: null });
    this.#spent(began);
    const { milliseconds, gapMilliseconds: spent } = progress;
    const share = spent / Math.max(1e-9, milliseconds + spent);
    writer.gapReport({ ...report, cost: { milliseconds: spent, share } });
    writer.log(
      `${job.phase.name}, seed ${job.seed}: gap measured in ${Math.round(spent)} ms, ${(share * 100).toFixed(1)} % of the training${adviceAt(share)}`,
    );
  }

  async #attention(): Promise<GapAttention> {
    const { dataset, program } = this.#context;
    const { labels } = dataset.splits.validation;
    const [teacher, student] = [await this.#teacherLooks(), await this.#studentLooks()];
    return {
      pairs: program.attentionPairs,
      samples: Array.from(this.#probe(), (index) => ({
        index,
        label: labels[index] ?? 0,
        pixels: pictureOf(dataset, 'validation', index),
      })),
      teacher: teacher.map((energies) => energies.map(attentionMap)),
      student: student.map((energies) => energies.map(attentionMap)),
      overlap: student.map((energies, pair) => meanOverlap(teacher[pair] ?? [], energies)),
    };
  }

  async #predict(samples: Int32Array, scalars: Feeds): Promise<Float32Array> {
    const { dataset, program } = this.#context;
    const { plan, sizes } = program;
    const batches = this.#batches(sizes.predict);
    const logits = new Float32Array(samples.length * plan.classes);
    for (let at = 0; at < samples.length; at += sizes.predict) {
      const shown = samples.subarray(at, at + sizes.predict);
      const images = batches.show(shown, 0).inputs;
      const said = await program.run(predictGraph(plan, plan.learner), { ...scalars, images });
      const rows = said['logits'] as Float32Array;
      logits.set(rows.subarray(0, shown.length * dataset.classes.length), at * plan.classes);
    }
    return logits;
  }

  async #teacherLooks(): Promise<readonly (readonly Energy[])[]> {
    const names = this.#context.program.attentionPairs.map(({ teacher }) => teacher);
    this.#teacherEnergies ??= await this.#energies('attentionTeacher', names);
    return this.#teacherEnergies;
  }

  #studentLooks(): Promise<readonly (readonly Energy[])[]> {
    const names = this.#context.program.attentionPairs.map(({ student }) => student);
    return this.#energies('attention', names);
  }

  /** `[layer][sample]` */
  async #energies(graph: string, layers: readonly string[]): Promise<readonly (readonly Energy[])[]> {
    const { program } = this.#context;
    const probe = this.#probe();
    const images = this.#batches(probe.length).show(probe, 0).inputs;
    const fetched = await program.run(graph, { images });
    return layers.map((layer) => {
      const values = fetched[layer] ?? [];
      const size = values.length / probe.length;
      const [height, width] = program.attentionShape(graph, layer);
      return Array.from(probe, (_, n) => ({
        height,
        width,
        values: Float64Array.from(values.slice(n * size, (n + 1) * size)),
      }));
    });
  }

  #probe(): Int32Array {
    const { dataset, program } = this.#context;
    return probeSamples(dataset.splits.validation.count, program.sizes.attention);
  }

  #batches(batchSize: number): Batches {
    const options = { batchSize, seed: 0, shuffle: false, augment: [] };
    return new Batches(this.#context.dataset, 'validation', options);
  }

  #spent(began: number): void {
    this.#context.progress.gapMilliseconds += performance.now() - began;
  }
}

/** The bounds are counted and not timed, so a machine may take longer than was counted with: then it says how to do without. */
function adviceAt(share: number): string {
  return share > MOST_SHARE ? '; `measure.gap: false` leaves it out' : '';
}
