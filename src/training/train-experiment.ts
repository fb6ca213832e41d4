import type { Experiment } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Executor } from '../executors/executor.ts';
import { judge, type SeedPair } from '../measures/verdict.ts';
import { largest } from '../measures/rows.ts';
import { initialParameters } from '../models/initialize.ts';
import { parameterSpecs } from '../models/parameters.ts';
import { UserError } from '../protocol/errors.ts';
import type { PhaseResult, RunResults } from '../protocol/records.ts';
import type { Checkpoint, RunControl, RunWriter, StoredTensor } from '../runs/writer.ts';
import { predict } from './evaluate.ts';
import { requireLoadedWeights, requireUnchanged, warnOfWeakTeacher } from './guards.ts';
import { fromCheckpoint, newProgress, toCheckpoint, type Resumed } from './job-progress.ts';
import { jobThatTrained, listJobs, modelName, type Job } from './jobs.ts';
import { validationLogits } from './measurements.ts';
import { PhaseProgram, type BatchSizes, type NamedTensors } from './phase-program.ts';
import { planPhase, settingsOf, type PhasePlan, type PlannedModel } from './plan.ts';
import { teacherAnswers } from './teacher-answers.ts';
import { initialVariable } from './terms.ts';
import { TrainingJob, type JobContext, type Teaching } from './training-job.ts';
import { CHECKPOINT_MILLISECONDS, WorkClock } from './work-clock.ts';

/** Samples on which layers are compared. */
const PROBE_SAMPLES = 128;

export interface TrainingInput {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly executor: Executor;
  readonly writer: RunWriter;
  readonly control: RunControl;
  /** Where to go on; null: from the start. */
  readonly resume: Checkpoint | null;
  /** Weights of a model of an earlier run. */
  readonly earlierModel: (run: string, model: string) => NamedTensors;
  readonly checkpointMilliseconds?: number;
}

export interface TrainingOutcome {
  readonly status: 'completed' | 'stopped' | 'paused';
  /** Of the jobs that finished. */
  readonly results: RunResults;
}

/**
 * Trains every phase of an experiment under every seed, in order. Going on from a checkpoint gives the numbers of the run
 * that was never interrupted, bit for bit.
 * @throws UserError KD4002 to KD4007; the last good checkpoint stays
 */
export async function trainExperiment(input: TrainingInput): Promise<TrainingOutcome> {
  return new ExperimentRun(input).run();
}

class ExperimentRun {
  readonly #input: TrainingInput;
  readonly #jobs: readonly Job[];
  readonly #resumed: Resumed | null;
  readonly #finished: PhaseResult[];
  readonly #clock: WorkClock;
  #program: PhaseProgram | null = null;
  /** The teacher whose weights the program holds, with what it says. */
  #teacher: { readonly name: string; readonly weights: NamedTensors; readonly teaching: Teaching } | null =
    null;

  constructor(input: TrainingInput) {
    const { experiment, resume, checkpointMilliseconds = CHECKPOINT_MILLISECONDS } = input;
    this.#input = input;
    this.#jobs = listJobs(experiment);
    this.#resumed = resume === null ? null : fromCheckpoint(resume);
    if (resume !== null) requireSameWork(this.#jobs, resume);
    this.#finished = [...(this.#resumed?.finished ?? [])];
    const steps = this.#jobs.map((job) => job.phase.epochs * this.#stepsPerEpoch(job));
    const before = steps.slice(0, this.#resumed?.job ?? 0).reduce((sum, count) => sum + count, 0);
    const total = steps.reduce((sum, count) => sum + count, 0);
    this.#clock = new WorkClock(
      total,
      before + (this.#resumed?.progress.step ?? 0),
      checkpointMilliseconds,
      () => performance.now(),
    );
  }

  async run(): Promise<TrainingOutcome> {
    try {
      for (let index = this.#resumed?.job ?? 0; index < this.#jobs.length; index++) {
        const job = this.#jobs[index] as Job;
        const asked = await this.#runJob(job, index);
        if (asked === 'finished') continue;
        return {
          status: asked === 'stop' ? 'stopped' : 'paused',
          results: { phases: this.#finished, verdict: null },
        };
      }
    } finally {
      await this.#program?.dispose();
    }
    const verdict = this.#judge();
    const results = { phases: this.#finished, verdict };
    if (verdict !== null) this.#input.writer.verdict(verdict);
    this.#input.writer.results(results);
    return { status: 'completed', results };
  }

  async #runJob(job: Job, index: number): Promise<'finished' | 'stop' | 'pause'> {
    const { writer, experiment, dataset, control } = this.#input;
    const program = await this.#programFor(job);
    const resumed = this.#resumed?.job === index ? this.#resumed : null;
    const progress = resumed?.progress ?? newProgress();
    const begins = progress.step === 0;
    if (begins) this.#announce(job, program.plan);
    const tensors = begins ? initialTensors(program.plan, job.seed) : (resumed?.tensors ?? {});
    await program.writeLearner(tensors);
    const teaching = await this.#teachingFor(job, program);
    if (begins && teaching !== null) await this.#lookAtTeacher(job, program, teaching);
    const context: JobContext = {
      experiment,
      dataset,
      writer,
      control,
      clock: this.#clock,
      finished: this.#finished,
    };
    const outcome = await new TrainingJob(context, job, index, program, teaching, progress).run();
    if (outcome.kind !== 'finished') return outcome.kind;
    const { teacher } = program.plan;
    if (teacher !== null && this.#teacher !== null) {
      requireUnchanged(teacher.model, this.#teacher.weights, await program.readModel(teacher));
    }
    this.#finished.push(outcome.result);
    const next = this.#jobs[index + 1];
    if (next !== undefined) {
      writer.checkpoint(toCheckpoint(next, index + 1, writer.nextSeq, this.#finished, newProgress(), {}));
    }
    return 'finished';
  }

  #announce({ phase, seed }: Job, { learner, teacher }: PhasePlan): void {
    const taught = teacher === null ? 'by labels alone' : `by ${teacher.model}`;
    const epochs = `${phase.epochs} ${phase.epochs === 1 ? 'epoch' : 'epochs'}`;
    const message = `${phase.name}, seed ${seed}: ${learner.graph.architecture} learns for ${epochs}, taught ${taught}.`;
    this.#input.writer.event({ kind: 'phase', message, phase: phase.name, seed });
  }

  /** The program of a phase is compiled once and serves all of its seeds. */
  async #programFor(job: Job): Promise<PhaseProgram> {
    if (this.#program?.plan.phase.name === job.phase.name) return this.#program;
    await this.#program?.dispose();
    this.#program = null;
    this.#teacher = null;
    const { experiment, dataset, executor } = this.#input;
    const plan = planPhase(experiment, job.phase, dataset.splits.train.count);
    this.#program = await PhaseProgram.load(plan, batchSizes(experiment, plan, dataset), executor);
    return this.#program;
  }

  async #teachingFor(job: Job, program: PhaseProgram): Promise<Teaching | null> {
    const { teacher } = program.plan;
    if (teacher === null) return null;
    const source = this.#teacherSource(teacher, job);
    if (this.#teacher?.name === source.name) return this.#teacher.teaching;
    const { dataset, experiment } = this.#input;
    const weights = source.load();
    requireLoadedWeights(
      teacher.model,
      weights,
      parameterSpecs(teacher.graph).map((spec) => spec.name),
    );
    await program.writeModel(teacher, weights);
    const validation = await teacherAnswers(program, dataset, 'validation', false);
    const teaching = {
      training: await teacherAnswers(program, dataset, 'train', experiment.data.augment.length > 0),
      validation,
      validationLogits: await validationLogits(program, dataset, validation),
    };
    this.#teacher = { name: source.name, weights: await program.readModel(teacher), teaching };
    return teaching;
  }

  #teacherSource({ instance, model }: PlannedModel, job: Job): { name: string; load: () => NamedTensors } {
    const { experiment, writer, earlierModel } = this.#input;
    const settings = experiment.models[model];
    if (settings?.source === 'run') {
      return {
        name: `${settings.run}/${settings.model}`,
        load: () => earlierModel(settings.run, settings.model),
      };
    }
    const trained = jobThatTrained(instance, this.#jobs, job.seed);
    if (trained === null) throw new Error(`no phase trains the frozen model "${instance}"`);
    return { name: modelName(trained), load: () => writer.loadModel(modelName(trained)) };
  }

  async #lookAtTeacher(job: Job, program: PhaseProgram, teaching: Teaching): Promise<void> {
    const { dataset, writer } = this.#input;
    const { count, labels } = dataset.splits.validation;
    if (count === 0) return;
    const student = (await predict(program, dataset, 'validation')).values['accuracy'] ?? 0;
    const { classes } = program.plan;
    const right = labels.filter((label, n) => {
      const row = teaching.validationLogits.subarray(n * classes, (n + 1) * classes);
      return largest(row) === label;
    }).length;
    const perClass = new Float64Array(classes);
    labels.forEach((label) => (perClass[label] = (perClass[label] ?? 0) + 1));
    // Who always names the most frequent class is right that often.
    const chance = Math.max(...perClass) / count;
    warnOfWeakTeacher(writer, job, { teacher: right / count, student, chance });
  }

  #judge() {
    const { compare, distill } = this.#input.experiment;
    if (!compare.baseline) return null;
    const taught = this.#jobs.find(({ phase }) => phase.loss === 'distill')?.phase.name;
    const alone = this.#jobs.find(
      ({ phase }) =>
        phase.loss === 'task' && phase.perSeed && phase.train.some(({ model }) => model === distill.to),
    )?.phase.name;
    if (taught === undefined || alone === undefined) return null;
    const accuracy = (phase: string, seed: number) =>
      Number(
        this.#finished.find((result) => result.phase === phase && result.seed === seed)?.test['accuracy'],
      );
    const pairs = compare.seeds.map((seed): SeedPair => ({
      seed,
      student: accuracy(taught, seed),
      baseline: accuracy(alone, seed),
    }));
    return judge(pairs);
  }

  #stepsPerEpoch(job: Job): number {
    const { experiment, dataset } = this.#input;
    return Math.ceil(dataset.splits.train.count / settingsOf(experiment, job.phase).batchSize);
  }
}

function batchSizes(experiment: Experiment, plan: PhasePlan, { splits }: Dataset): BatchSizes {
  const train = Math.min(plan.settings.batchSize, splits.train.count);
  const { count } = splits.validation;
  return {
    train,
    trainLast: splits.train.count % train,
    predict: train,
    evaluate: count >= train ? train : 0,
    evaluateLast: count % train,
    probe: experiment.measure.similarity.enabled ? Math.min(PROBE_SAMPLES, count) : 0,
  };
}

/** Student and baseline of one seed start alike: both are named by their model, not by their instance. */
function initialTensors({ learner, terms }: PhasePlan, seed: number): NamedTensors {
  const values = initialParameters(learner.graph, seed, learner.model);
  const tensors: Record<string, StoredTensor> = {};
  for (const { name, shape } of parameterSpecs(learner.graph)) {
    tensors[name] = { shape, data: values[name] ?? new Float32Array() };
  }
  for (const variable of terms.flatMap((term) => term.variables)) {
    tensors[variable.name] = { shape: variable.shape, data: initialVariable(variable, seed) };
  }
  return tensors;
}

/** A checkpoint goes with the experiment it was written by. */
function requireSameWork(jobs: readonly Job[], { meta }: Checkpoint): void {
  const job = jobs[meta.job];
  if (job?.phase.name === meta.phase && job.seed === meta.seed) return;
  throw new UserError({
    code: 'KD4007',
    message: `The checkpoint stands in ${meta.phase} (seed ${meta.seed}), which is not part ${meta.job + 1} of this experiment's work.`,
    help: 'Resume with the config that is stored in the run directory, or start a new run.',
  });
}
