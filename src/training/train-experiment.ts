import type { ReaderOptions } from '../bookshelf/book-reader.ts';
import { Bookshelf } from '../bookshelf/shelf.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Dataset } from '../data/dataset.ts';
import { withShots } from '../data/few-shots.ts';
import type { Executor } from '../executors/executor.ts';
import { HOST, joinedGrafts } from '../models/graft.ts';
import { JOINT } from '../models/modules/joints.ts';
import { resolveLayer } from '../models/names.ts';
import { UserError } from '../protocol/errors.ts';
import type { PhaseResult, RunResults } from '../protocol/records.ts';
import { widthsOfTensors, type Widths } from '../models/pruning.ts';
import { mainMetricOfTask } from '../schemes/measured.ts';
import type { Phase } from '../schemes/phase.ts';
import type { Checkpoint, RunControl, RunWriter, StoredTensor } from '../runs/writer.ts';
import { fromKept } from './ahead.ts';
import { announcement, compiledText } from './announce.ts';
import { answeringModels, speakFromBooks } from './book/speak-from-books.ts';
import type { BookContext } from './book/open-book.ts';
import { CONFLICT_IMAGES, measuresConflicts } from './gates.ts';
import { requireUnchanged, tellOfBetterStudent, tellOfCopies } from './guards.ts';
import { lookedSamples } from './gap/gap-bounds.ts';
import { initialBeside, initialTensors } from './initial-tensors.ts';
import { fromCheckpoint, newProgress, toCheckpoint, type JobProgress, type Resumed } from './job-progress.ts';
import { judgeRun } from './judge-run.ts';
import { listJobs, type Job } from './jobs.ts';
import { frozenWidths } from './frozen-widths.ts';
import type { FallBack } from './load-program.ts';
import { dataOfPhase } from './phase-data.ts';
import { PhaseProgram, type BatchSizes, type NamedTensors } from './phase-program.ts';
import { graphOf, planPhase, settingsOf, type PhasePlan, type PlannedModel } from './plan.ts';
import { probeSize } from './probe-layers.ts';
import {
  lookAtTeacher,
  prepareTeaching,
  weightsSource,
  type EarlierModel,
  type Teaching,
  type WeightsSource,
} from './teaching.ts';
import { refinesTargets } from './refined-targets.ts';
import { showsRegions } from './regions.ts';
import { TrainingJob, type JobContext, type JobOutcome } from './training-job.ts';
import { WorkClock } from './work-clock.ts';

/** Samples on which the gradients of the parts of the loss are compared. */
const SHARES_SAMPLES = 16;

export interface TrainingInput {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  /** In place of what of the data a phase works with. */
  readonly dataOf?: (phase: Phase) => Dataset;
  readonly executor: Executor;
  /** Where steps run that the executor cannot compile; without it they fail. */
  readonly fallBack?: FallBack;
  readonly writer: RunWriter;
  readonly control: RunControl;
  /** Where to go on; null: from the start. */
  readonly resume: Checkpoint | null;
  readonly earlierModel: EarlierModel;
  /** Where books stand; default: below the experiment's root. */
  readonly bookshelf?: Bookshelf;
  readonly bookReading?: ReaderOptions;
}

export interface TrainingOutcome {
  readonly status: 'completed' | 'stopped';
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
  /** What the program was compiled for: phase, and widths of models that lost neurons. */
  #programOf = '';
  /** The teachers whose weights the program holds, with what they say. */
  #teachers: {
    readonly names: string;
    readonly weights: ReadonlyMap<string, NamedTensors>;
    readonly teaching: Teaching;
  } | null = null;

  constructor(input: TrainingInput) {
    const { experiment, resume } = input;
    this.#input = input;
    this.#jobs = listJobs(experiment);
    if (resume !== null) requireSameWork(this.#jobs, resume);
    this.#resumed = resume === null ? null : fromCheckpoint(resume);
    this.#finished = [...(this.#resumed?.finished ?? [])];
    const steps = (jobs: readonly Job[]) =>
      jobs.reduce((sum, { phase }) => {
        const { batchSize } = settingsOf(experiment, phase);
        const { count } = this.#dataOf(phase).splits.train;
        return sum + phase.epochs * (phase.generator?.stepsPerEpoch ?? Math.ceil(count / batchSize));
      }, 0);
    const done = steps(this.#jobs.slice(0, this.#resumed?.job ?? 0)) + (this.#resumed?.progress.step ?? 0);
    this.#clock = new WorkClock(steps(this.#jobs), done, experiment.engine.checkpoints);
  }

  async run(): Promise<TrainingOutcome> {
    const { report } = this.#input.dataset;
    if (report !== undefined && this.#resumed === null) tellOfCopies(this.#input.writer, report);
    try {
      for (let index = this.#resumed?.job ?? 0; index < this.#jobs.length; index++) {
        if (await this.#runJob(this.#jobs[index] as Job, index)) continue;
        return { status: 'stopped', results: { phases: this.#finished, verdict: null } };
      }
    } finally {
      await this.#teachers?.teaching.book?.close();
      await this.#program?.dispose();
    }
    const { experiment, writer } = this.#input;
    const judged = judgeRun(experiment, this.#jobs, this.#finished);
    const { verdict } = judged;
    const results = { phases: this.#finished, ...judged };
    tellOfBetterStudent(writer, this.#jobs, this.#finished, experiment);
    if (verdict !== null) writer.verdict(verdict);
    writer.results(results);
    return { status: 'completed', results };
  }

  /** What of the data the phase works with. */
  #dataOf(phase: Phase): Dataset {
    const { experiment, dataset, dataOf } = this.#input;
    const whole = dataOf?.(phase) ?? dataOfPhase(experiment, phase, dataset);
    return phase.shots === undefined ? whole : withShots(whole, phase.shots, experiment.train.seed);
  }

  /** False where somebody asked to stop before the job's end. */
  async #runJob(job: Job, index: number): Promise<boolean> {
    const { writer, experiment, control } = this.#input;
    const dataset = this.#dataOf(job.phase);
    if (this.#isLeftOut(job)) {
      const { phase, seed } = job;
      const message = `${phase.name}, seed ${seed}: left out, since "${phase.onlyIf?.better ?? ''}" did no better on validation than "${phase.onlyIf?.than ?? ''}".`;
      writer.event({ kind: 'phase', message, phase: phase.name, seed });
      return this.#goOn(index);
    }
    const resumed = this.#resumed?.job === index ? this.#resumed : null;
    const progress = resumed?.progress ?? newProgress();
    const context: JobContext = {
      experiment,
      dataset,
      writer,
      control,
      clock: this.#clock,
      finished: this.#finished,
    };
    let state = resumed?.tensors ?? {};
    let program: PhaseProgram;
    let outcome: JobOutcome;
    // A job whose model loses neurons goes on with a program of the smaller one.
    do {
      program = await this.#programFor(job, progress);
      const begins = progress.step === 0;
      if (begins) this.#announce(job, program.plan);
      await program.writeState(begins ? this.#initialState(program.plan, job) : state);
      const teaching = await this.#teachingFor(job, program);
      if (teaching === 'stop') {
        // Nothing is lost but the time: whatever a book holds by now is kept.
        const { nextSeq } = writer;
        if (begins) writer.checkpoint(toCheckpoint(job, index, nextSeq, this.#finished, progress, {}));
        return false;
      }
      if (begins && teaching !== null && job.phase.loss !== 'ahead') {
        const jobs = this.#jobs;
        await lookAtTeacher({ writer, job, jobs, program, teaching, dataset, finished: this.#finished });
      }
      outcome = await new TrainingJob(context, job, index, program, teaching, progress).run();
      if (outcome.kind === 'stop') return false;
      if (outcome.kind === 'cut') state = outcome.state;
    } while (outcome.kind === 'cut');
    for (const teacher of program.plan.teachers.filter((one) => program.holds(one))) {
      const before = this.#teachers?.weights.get(teacher.instance);
      if (before !== undefined) requireUnchanged(teacher.model, before, await program.readModel(teacher));
    }
    this.#finished.push(...outcome.results);
    return this.#goOn(index);
  }

  #announce({ phase, seed }: Job, plan: PhasePlan): void {
    const message = announcement(phase, seed, plan);
    this.#input.writer.event({ kind: 'phase', message, phase: phase.name, seed });
  }

  /** A checkpoint between two jobs. */
  #goOn(index: number): true {
    const { writer } = this.#input;
    const next = this.#jobs[index + 1];
    if (next !== undefined) {
      const began = this.#clock.now();
      writer.checkpoint(toCheckpoint(next, index + 1, writer.nextSeq, this.#finished, newProgress(), {}));
      this.#clock.checkpointBetween(began);
    }
    return true;
  }

  /** The program of a phase is compiled once and serves all of its seeds, as long as no model in it changes its width. */
  async #programFor(job: Job, progress: JobProgress): Promise<PhaseProgram> {
    const widths = this.#widthsFor(job, progress);
    const known = JSON.stringify([job.phase.name, ...widths]);
    if (this.#program !== null && this.#programOf === known) return this.#program;
    await this.#teachers?.teaching.book?.close();
    this.#teachers = null;
    await this.#program?.dispose();
    this.#program = null;
    const { experiment, executor, fallBack, writer } = this.#input;
    const dataset = this.#dataOf(job.phase);
    const plan = planPhase(experiment, job.phase, dataset.splits.train.count, widths);
    const sizes = batchSizes(experiment, plan, dataset);
    const program = await PhaseProgram.load(plan, sizes, executor, fallBack);
    this.#program = program;
    this.#programOf = known;
    writer.log(compiledText(job.phase.name, program));
    return program;
  }

  async #teachingFor(job: Job, program: PhaseProgram): Promise<Teaching | null | 'stop'> {
    const { teachers } = program.plan;
    if (teachers.length === 0) return null;
    const { experiment } = this.#input;
    const dataset = this.#dataOf(job.phase);
    const { phase } = job;
    const widths = frozenWidths(experiment, phase, (instance, model) =>
      this.#weightsOf({ instance, model }, job).load(),
    );
    const sources = answeringModels(experiment, program.plan, widths).map((teacher) => ({
      teacher,
      source: this.#weightsOf(teacher, job),
    }));
    const names = sources.map(({ source }) => source.name).join('\n');
    if (this.#teachers?.names === names) return this.#teachers.teaching;
    await this.#teachers?.teaching.book?.close();
    this.#teachers = null;
    const teaching = program.plan.fromBook
      ? await this.#teachingFromBook(program, sources)
      : await prepareTeaching(program, sources, experiment, dataset);
    if (teaching === 'stop') return teaching;
    const weights = new Map<string, NamedTensors>();
    for (const teacher of teachers.filter((one) => program.holds(one)))
      weights.set(teacher.instance, await program.readModel(teacher));
    this.#teachers = { names, weights, teaching };
    return teaching;
  }

  /** How wide the layers of models that lose neurons are: as their kept weights say, or as this job has cut them. */
  #widthsFor(job: Job, { pruning }: JobProgress): Map<string, Widths> {
    const { phase, seed } = job;
    const { experiment } = this.#input;
    const kept = (instance: string, model: string) => this.#weightsOf({ instance, model }, job).load();
    const widths = frozenWidths(experiment, phase, kept);
    for (const { instance, model, continues = [] } of phase.train) {
      const from = this.#bestOf(continues, seed);
      const graph = graphOf(experiment, model);
      if (from === null || (graph.pruning ?? []).length === 0) continue;
      widths.set(instance, widthsOfTensors(graph, kept(from, model)));
    }
    const [first] = phase.train;
    if (pruning !== null && first !== undefined) widths.set(first.instance, pruning.widths);
    return widths;
  }

  #weightsOf(model: Pick<PlannedModel, 'instance' | 'model'>, job: Job): WeightsSource {
    const source = weightsSource(model, job, this.#jobs, this.#input.experiment, this.#input);
    if (source === null) throw new Error(`nothing has trained "${model.instance}"`);
    return source;
  }

  /** Of several kept weights those that did best on validation, the first of equals. */
  #bestOf(names: readonly string[], seed: number): string | null {
    const known = names.filter((name) => names.length === 1 || this.#reached(name, seed) !== null);
    const [first = null, ...others] = known;
    const better = (a: string, b: string) => (this.#reached(a, seed) ?? 0) > (this.#reached(b, seed) ?? 0);
    return others.reduce((best, name) => (best !== null && better(name, best) ? name : best), first);
  }

  /** Validation accuracy, or PSNR, of what a finished job kept; null where it was not trained. */
  #reached(name: string, seed: number): number | null {
    const found = this.#finished.find((one) => one.phase === name && one.seed === seed);
    const metric = mainMetricOfTask(this.#input.experiment.task);
    return found === undefined ? null : Number(found.validation[metric] ?? 0);
  }

  /** Whether the job is to be left out, by what jobs before it reached. */
  #isLeftOut({ phase, seed }: Job): boolean {
    if (phase.onlyIf === undefined) return false;
    const { better, than } = phase.onlyIf;
    const [gained, before] = [this.#reached(better, seed), this.#reached(than, seed)];
    return gained === null || before === null || gained <= before;
  }

  async #teachingFromBook(
    program: PhaseProgram,
    sources: readonly { readonly teacher: PlannedModel; readonly source: WeightsSource }[],
  ): Promise<Teaching | 'stop'> {
    const { experiment, dataset, executor, fallBack, control, writer, bookshelf } = this.#input;
    const { plan, sizes } = program;
    const context: BookContext = {
      ...{ experiment, dataset, control },
      shelf: bookshelf ?? new Bookshelf(experiment.root),
      runtime: { executor, ...(fallBack === undefined ? {} : { fallBack }) },
      tell: (kind, message) => writer.event({ kind, message, phase: plan.phase.name }),
      batchSize: sizes.predict,
      ...(this.#input.bookReading === undefined ? {} : { reading: this.#input.bookReading }),
    };
    return speakFromBooks(context, program, sources);
  }

  /** Weights of the network that a learner is grafted into, and of the grafts of earlier phases that it goes on from. */
  #graftsOf(instance: string, { phase, learner }: PhasePlan, job: Job): NamedTensors {
    const { graft, joins } = phase.train.find((one) => one.instance === instance) ?? {};
    const kept = (name: string, model: string) => this.#weightsOf({ instance: name, model }, job).load();
    const host = graft === undefined ? {} : kept(graft.host, graft.host);
    const named = Object.entries(host).map(([name, tensor]) => [HOST + name, tensor] as const);
    if (joins === undefined) return Object.fromEntries(named);
    const joint = resolveLayer(graphOf(this.#input.experiment, learner.model), joins.at).path + JOINT;
    const hasJoint = learner.graph.layers.some(({ path }) => path === joint);
    const [lower, upper] = [kept(joins.lower, learner.model), kept(joins.upper, learner.model)];
    return { ...Object.fromEntries(named), ...joinedGrafts(lower, upper, hasJoint ? joint : null) };
  }

  /** What a job begins with: new weights, or those that an earlier phase kept. */
  #initialState(plan: PhasePlan, job: Job): NamedTensors {
    const tensors: Record<string, StoredTensor> = {};
    const add = (instance: string, own: NamedTensors) => {
      const head = instance === plan.learner.instance ? '' : `${instance}|`;
      for (const [name, tensor] of Object.entries(own)) tensors[head + name] = tensor;
    };
    if (plan.phase.loss !== 'ahead') {
      for (const learner of plan.learners) {
        const instance = this.#bestOf(learner.continues, job.seed);
        const kept = instance === null ? {} : this.#weightsOf({ instance, model: learner.model }, job).load();
        const grown = this.#graftsOf(learner.instance, plan, job);
        add(learner.instance, { ...initialTensors(learner, job.seed), ...grown, ...kept });
      }
    }
    const { beside } = plan.phase;
    const ahead = beside === undefined ? {} : this.#weightsOf({ instance: beside, model: '' }, job).load();
    for (const opponent of plan.opponents) {
      const fresh = initialBeside(opponent, job.seed);
      add(opponent.instance, opponent.still ? { ...fresh, ...fromKept(plan, opponent, ahead) } : fresh);
    }
    if (plan.generator !== null) {
      const fresh = { ...plan.generator, variant: 0, prefix: '', lessons: [] };
      add(plan.generator.instance, initialTensors(fresh, job.seed));
    }
    return tensors;
  }
}

function batchSizes(experiment: Experiment, plan: PhasePlan, { splits }: Dataset): BatchSizes {
  const train = Math.min(plan.settings.batchSize, splits.train.count);
  const { count } = splits.validation;
  return {
    train,
    accumulate: plan.settings.gradientAccumulation > 1 && splits.train.count > train ? train : 0,
    trainLast: plan.generator === null ? splits.train.count % train : 0,
    shares: Math.min(train, SHARES_SAMPLES),
    predict: train,
    evaluate: count >= train ? train : 0,
    evaluateLast: count % train,
    probe: probeSize(experiment, plan, count),
    attention: lookedSamples(experiment, plan, count),
    ...(plan.searches.length === 0 ? {} : { search: searchSize(plan, train, count) }),
    ...(measuresConflicts(plan) && count > 0 ? { conflicts: Math.min(CONFLICT_IMAGES, train, count) } : {}),
    ...(showsRegions(plan) && count > 0 ? { regions: Math.min(train, count) } : {}),
    ...(refinesTargets(plan) && count > 0 ? { targets: Math.min(train, count) } : {}),
  };
}

/** @throws UserError KD2222 where there is nothing to search on */
function searchSize({ phase, searches }: PhasePlan, train: number, validation: number): number {
  if (validation > 0) return Math.min(train, validation);
  const names = searches.flatMap(({ opponents }) => opponents.map(({ refiner }) => refiner?.name ?? ''));
  throw new UserError({
    code: 'KD2222',
    message: `In ${phase.name}, ${[...new Set(names)].join(' and ')} would search on validation samples, and there are none.`,
    help: 'Give `data.validation.fraction`, such as 0.1.',
    key: 'data.validation',
  });
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
