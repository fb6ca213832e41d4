import type { Experiment } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import { widthsOfTensors, type Widths } from '../models/pruning.ts';
import { UserError } from '../protocol/errors.ts';
import type { Checkpoint } from '../runs/writer.ts';
import { answeringModels } from './book/speak-from-books.ts';
import { pack } from './flat.ts';
import { frozenWidths } from './frozen-widths.ts';
import { fromCheckpoint, type Resumed } from './job-progress.ts';
import { listJobs, modelName, type Job } from './jobs.ts';
import { keptTensors } from './kept.ts';
import { KeptProgram, type KeptModel, type Runtime } from './kept-program.ts';
import { dataOfPhase } from './phase-data.ts';
import type { NamedTensors } from './phase-program.ts';
import { planPhase, settingsOf, type Learner, type PhasePlan } from './plan.ts';
import { planModel } from './planned-model.ts';
import { weightsTeacher } from './specs.ts';
import { scalarsAt } from './step-feeds.ts';
import { withPrefix } from './step-function.ts';
import { answeringLesson, predictStep } from './steps.ts';
import { weightsSource, wholeWeights, type EarlierModel } from './teaching.ts';
import { evaluatedVectors, trainedVectors } from './weight-average.ts';

/** What a run directory gives: `RunDirectory` is one. */
export interface RunFiles {
  /** Names of the models of finished jobs. */
  models(): readonly string[];
  /** @throws UserError KD5010, KD5011 */
  model(name: string): NamedTensors;
  /** The newest whole one; null where there is none. */
  checkpoint(): Checkpoint | null;
}

export interface RunSource extends Runtime {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly run: RunFiles;
  readonly earlierModel: EarlierModel;
}

/** A model that a run trained, or trains. */
export interface RunModel {
  /** `student-1`, as `kd show` lists it. */
  readonly name: string;
  readonly job: Job;
  readonly plan: PhasePlan;
  readonly learner: Learner;
  /** `kept`: of a finished job; `training`: the best so far by validation, from the newest checkpoint. */
  readonly state: 'kept' | 'training';
}

/**
 * A run opened to be asked, whether it has finished or works: its models with the weights that it keeps, or that its newest
 * checkpoint holds, on the samples of its own splits. It reads, and changes nothing in the run.
 *
 *     const opened = new FinishedRun({ experiment, dataset, run, earlierModel, executor });
 *     const student = opened.model('student-1');
 *     const program = await opened.load(opened.kept(student), ['stage2'], 64);
 *     const { logits, layers } = await program.say(opened.dataOf(student), 'validation', probeSamples(count, 256));
 */
export class FinishedRun {
  readonly source: RunSource;
  readonly #jobs: readonly Job[];
  readonly #plans = new Map<string, PhasePlan>();
  readonly #unfinished: Resumed | null;

  constructor(source: RunSource) {
    this.source = source;
    this.#jobs = listJobs(source.experiment);
    const checkpoint = source.run.checkpoint();
    this.#unfinished = checkpoint === null ? null : fromCheckpoint(checkpoint);
  }

  /** Every learner whose weights are there, in the order of work. */
  models(): readonly RunModel[] {
    const names = new Set(this.source.run.models());
    return this.#jobs.flatMap((job, index) => {
      if (job.phase.loss === 'ahead') return [];
      return this.#planOf(job).learners.flatMap((begun, at): RunModel[] => {
        const name = modelName(job, begun);
        const isKept = names.has(name);
        const weights = isKept ? null : this.#fromCheckpoint(index, begun);
        if (!isKept && weights === null) return [];
        const plan = this.#narrowed(job, begun, () => weights ?? this.source.run.model(name));
        const learner = plan.learners[at] ?? begun;
        return [{ name, job, plan, learner, state: isKept ? 'kept' : 'training' }];
      });
    });
  }

  /** The samples that a model was trained and measured on: all, or those of the classes that it knows. */
  dataOf({ job }: Pick<RunModel, 'job'>): Dataset {
    const { experiment, dataset } = this.source;
    return dataOfPhase(experiment, job.phase, dataset);
  }

  /** Those that finished teachers teach, of one seed or of all. */
  students(seed: number | null = null): readonly RunModel[] {
    return this.models().filter(
      ({ plan, job, learner }) =>
        plan.phase.loss === 'distill' &&
        plan.teachers.length > 0 &&
        learner === plan.learner &&
        (seed === null || job.seed === seed),
    );
  }

  /** @throws UserError KD5010 where the run holds no such model */
  model(name: string): RunModel {
    const models = this.models();
    const found = models.find((one) => one.name === name);
    if (found !== undefined) return found;
    throw new UserError({
      code: 'KD5010',
      message: `this run holds no trained model "${name}"`,
      help:
        models.length === 0
          ? 'it has not trained any model yet; wait for its first checkpoint'
          : `it holds: ${models.map((one) => one.name).join(', ')}`,
    });
  }

  /** Its weights: those kept, or the best so far. @throws UserError KD5010, KD5011; KD4003 of a teacher whose classifier it uses */
  kept({ name, job, plan, learner, state }: RunModel): KeptModel {
    const { instance, model, kept } = learner;
    const weights =
      state === 'kept' ? this.source.run.model(name) : this.#fromCheckpoint(this.#jobs.indexOf(job), learner);
    if (weights === null) throw new Error(`"${name}" has no weights`);
    const lesson = answeringLesson(learner);
    const planned = planModel(instance, model, kept, lesson?.variables ?? []);
    const vectors = evaluatedVectors(instance, plan.settings);
    if (lesson === null) return { name, planned, weights, vectors };
    const answering: Learner = { ...learner, ...planned };
    const lender = weightsTeacher(plan, lesson.term.teacherWeights, lesson.speakers[0]?.instance);
    const lent = lender === null ? {} : this.#stateOf(lender, job);
    const scalars = scalarsAt(plan, this.#lastMoment(job));
    const wanted = Object.entries(scalars).filter(([key]) => key.startsWith(`parameter/${lesson.id}/`));
    return {
      ...{ name, planned, weights, vectors },
      answering: {
        step: (batch) => predictStep(plan, answering, batch),
        state: lent,
        scalars: Object.fromEntries(wanted),
      },
    };
  }

  /**
   * The finished models that a student hears: kept by earlier jobs of this run, or by an earlier run.
   * @throws UserError KD4003 weights that are missing or not finite, KD5010, KD5011; KD5001, KD5002 for another run
   */
  teachers({ plan, job }: RunModel): readonly KeptModel[] {
    return answeringModels(this.source.experiment, plan, this.#frozenWidths(job)).map((teacher) => {
      const source = this.#sourceOf(teacher, job);
      return {
        name: source.name,
        planned: teacher,
        weights: wholeWeights(teacher, source),
        vectors: trainedVectors(teacher.instance),
      };
    });
  }

  /** Compiles a model for inference; to be disposed of. */
  load(model: KeptModel, layers: readonly string[], batch: number): Promise<KeptProgram> {
    return KeptProgram.load(model, layers, batch, this.source);
  }

  /** The tensors of a teacher of which a student's classifier is made. */
  #stateOf(lender: PhasePlan['teachers'][number], job: Job): Record<string, Float32Array> {
    const weights = wholeWeights(lender, this.#sourceOf(lender, job));
    const { parameters } = trainedVectors(lender.instance);
    return { [parameters]: pack(weights, lender.parameters) };
  }

  #sourceOf(teacher: { readonly instance: string; readonly model: string }, job: Job) {
    const { experiment, run, earlierModel } = this.source;
    const stores = { writer: { loadModel: (name: string) => run.model(name) }, earlierModel };
    const source = weightsSource(teacher, job, this.#jobs, experiment, stores);
    if (source === null) throw new Error(`nothing has trained "${teacher.instance}"`);
    return source;
  }

  /** With every layer as wide as it began. */
  #planOf(job: Job): PhasePlan {
    const { phase } = job;
    const known = this.#plans.get(phase.name);
    if (known !== undefined) return known;
    const plan = planPhase(this.source.experiment, phase, this.dataOf({ job }).splits.train.count);
    this.#plans.set(phase.name, plan);
    return plan;
  }

  #frozenWidths(job: Job): Map<string, Widths> {
    return frozenWidths(this.source.experiment, job.phase, (instance, model) =>
      this.#sourceOf({ instance, model }, job).load(),
    );
  }

  /** With the layers of models that lost neurons as wide as their weights say. */
  #narrowed(job: Job, learner: Learner, weights: () => NamedTensors): PhasePlan {
    const begun = this.#planOf(job);
    const widths = this.#frozenWidths(job);
    if ((learner.kept.pruning ?? []).length > 0)
      widths.set(learner.instance, widthsOfTensors(learner.kept, weights()));
    const { experiment } = this.source;
    return widths.size === 0 ? begun : planPhase(experiment, job.phase, begun.samples, widths);
  }

  /** Null where the checkpoint stands in another job, or its job has not begun. */
  #fromCheckpoint(index: number, learner: Learner): NamedTensors | null {
    const resumed = this.#unfinished;
    if (resumed?.job !== index) return null;
    const best = resumed.progress.best[learner.instance]?.tensors;
    if (best !== undefined) return keptTensors(learner, best);
    const own = learner.prefix === '' ? resumed.tensors : withPrefix(resumed.tensors, `${learner.instance}|`);
    const weights = keptTensors(learner, own);
    return Object.keys(weights).length === 0 ? null : weights;
  }

  #lastMoment(job: Job) {
    const { phase } = job;
    const { batchSize } = settingsOf(this.source.experiment, phase);
    const stepsPerEpoch = Math.ceil(this.dataOf({ job }).splits.train.count / batchSize);
    return { step: Math.max(0, phase.epochs * stepsPerEpoch - 1), stepsPerEpoch };
  }
}
