import type { Dataset } from '../data/dataset.ts';
import { jsonNumber } from '../measures/rows.ts';
import { forRecord } from './averages.ts';
import type { Copies } from './copies.ts';
import { evaluate, predict, type Evaluation } from './evaluate.ts';
import type { Best, JobProgress } from './job-progress.ts';
import { partOutput } from './objective.ts';
import type { PhaseProgram } from './phase-program.ts';
import type { Learner } from './plan.ts';
import type { Moment } from './schedules.ts';
import type { StepData } from './step-data.ts';
import { partWeights, scalarsAt } from './step-feeds.ts';
import { withPrefix } from './step-function.ts';
import { metricsOf, scoreOf, timesStalled } from './validation-history.ts';

type Values = Readonly<Record<string, number>>;

/** Measures the learners of a job on validation, keeps the best weights, and knows when to stop. */
export class JobValidation {
  readonly #program: PhaseProgram;
  readonly #dataset: Dataset;
  readonly #data: StepData;
  readonly #copies: Copies;
  readonly #progress: JobProgress;

  constructor(
    program: PhaseProgram,
    dataset: Dataset,
    data: StepData,
    copies: Copies,
    progress: JobProgress,
  ) {
    this.#program = program;
    this.#dataset = dataset;
    this.#data = data;
    this.#copies = copies;
    this.#progress = progress;
  }

  /** Whether the metric that early stopping watches has run out of patience. */
  get hasStalled(): boolean {
    const { earlyStopping } = this.#program.plan.settings;
    return earlyStopping !== undefined && timesStalled(this.#progress.history, earlyStopping) > 0;
  }

  /** As `hasStalled` once these values are remembered. */
  stallsWith(values: Values): boolean {
    const { earlyStopping } = this.#program.plan.settings;
    const history = [...this.#progress.history, metricsOf(values)];
    return earlyStopping !== undefined && timesStalled(history, earlyStopping) > 0;
  }

  /** The learners on validation; `loss` of each is weighted as at `moment`, of labels alone it is the cross-entropy. */
  async measure(moment: Moment): Promise<Evaluation> {
    const { plan } = this.#program;
    const copiesSpeak = this.#copies.speak;
    const evaluation =
      plan.phase.loss === 'task'
        ? await predict(this.#program, this.#dataset, 'validation', plan.learner)
        : await evaluate(
            this.#program,
            this.#dataset,
            'validation',
            (batch) => this.#data.validation(batch),
            scalarsAt(plan, moment, { copiesSpeak }),
          );
    const { values } = evaluation;
    // Who learns from labels alone is asked for answers: what modules add to its loss is not among them.
    const missing = plan.phase.loss === 'task' ? 0 : NaN;
    for (const learner of plan.learners) {
      let loss = 0;
      for (const [part, weight] of Object.entries(partWeights(plan, learner, moment, copiesSpeak)))
        loss += weight * (values[partOutput(learner, part)] ?? missing);
      values[`${learner.prefix}loss`] = loss;
    }
    return evaluation;
  }

  /** Remembers what was reached, and keeps what did better than ever before; true where the first learner did. */
  async keepBest(epoch: number, values: Values): Promise<boolean> {
    const progress = this.#progress;
    const { learner: first, learners } = this.#program.plan;
    progress.history = [...progress.history, metricsOf(values)];
    let improved = false;
    for (const learner of learners) {
      const before = progress.best[learner.instance];
      if (before !== undefined && this.#score(learner, values) <= Number(before.score)) continue;
      progress.best = { ...progress.best, [learner.instance]: await this.keep(learner, epoch, values) };
      improved ||= learner === first;
    }
    return improved;
  }

  /** The weights as they are now, with what they reached on validation. */
  async keep(learner: Learner, epoch: number, values: Values): Promise<Best> {
    const tensors = await this.#program.readEvaluated(learner);
    const own = ownValues(learner, values);
    return { epoch, score: jsonNumber(this.#score(learner, values)), values: forRecord(own), tensors };
  }

  /** What weights are chosen by. */
  #score(learner: Learner, values: Values): number {
    const { settings, imageLoss } = this.#program.plan;
    const { selectBy = imageLoss === null ? 'accuracy' : 'psnr' } = settings;
    return scoreOf(selectBy, Number(metricsOf(ownValues(learner, values))[selectBy] ?? NaN));
  }
}

function ownValues({ prefix }: Learner, values: Values): Values {
  return prefix === '' ? values : withPrefix(values, prefix);
}
