import type { Refresh } from '../schemes/source.ts';
import type { JobProgress } from './job-progress.ts';
import type { PhaseProgram } from './phase-program.ts';
import { originalOf } from './plan.ts';

/** Frozen copies of learners that teach them later: taken as the scheme says, part of every checkpoint. */
export class Copies {
  readonly #program: PhaseProgram;
  readonly #progress: JobProgress;
  readonly #refresh: Refresh | null;

  constructor(program: PhaseProgram, progress: JobProgress) {
    this.#program = program;
    this.#progress = progress;
    const { source } = program.plan.phase;
    this.#refresh = source?.kind === 'copies' ? source.refresh : null;
  }

  /** False until the first copies are taken: terms that hear them are silent. */
  get speak(): boolean {
    return this.#refresh === null || this.#progress.copiesTaken > 0;
  }

  async afterStep(): Promise<void> {
    if (this.#refresh?.kind === 'steps' && this.#progress.step % this.#refresh.steps === 0)
      await this.#take();
  }

  /** @param improved whether the epoch was the best on validation so far */
  async afterEpoch(improved: boolean): Promise<void> {
    const epochs = this.#progress.epoch + 1;
    if (this.#refresh?.kind === 'epochs' && epochs % this.#refresh.epochs === 0) await this.#take();
    if (this.#refresh?.kind === 'improvement' && improved) await this.#take();
  }

  async #take(): Promise<void> {
    const { plan } = this.#program;
    for (const copy of plan.copies) {
      const tensors = await this.#program.readEvaluated(originalOf(plan, copy));
      await this.#program.writeModel(copy, tensors);
    }
    this.#progress.copiesTaken += 1;
  }
}
