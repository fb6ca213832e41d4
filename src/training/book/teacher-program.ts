import type { NumericArray } from '../../compiler/graph.ts';
import type { Batch } from '../../data/batches.ts';
import type { Executor, Program } from '../../executors/executor.ts';
import { pack } from '../flat.ts';
import { weightVectors } from '../learner-state.ts';
import { loadProgram, type FallBack } from '../load-program.ts';
import type { NamedTensors } from '../phase-program.ts';
import type { PhasePlan, PlannedModel } from '../plan.ts';
import { answerNames } from '../say.ts';
import { answersStep } from '../steps.ts';
import { trainedVectors } from '../weight-average.ts';

/** Rows of a batch without its padding, by the name of what is said: `logits`, or the path of a layer. */
export type Answers = Readonly<Record<string, Float32Array>>;

export interface TeacherRuntime {
  readonly executor: Executor;
  readonly fallBack?: FallBack;
}

/** A frozen model alone, as it answers a batch in inference mode: what a book is written from and compared with. */
export class TeacherProgram {
  readonly batchSize: number;
  readonly #program: Program;
  readonly #model: PlannedModel;

  private constructor(program: Program, model: PlannedModel, batchSize: number) {
    this.#program = program;
    this.#model = model;
    this.batchSize = batchSize;
  }

  static async load(
    plan: Pick<PhasePlan, 'inputShape' | 'phase'>,
    model: PlannedModel,
    layers: readonly string[],
    weights: NamedTensors,
    batchSize: number,
    { executor, fallBack }: TeacherRuntime,
  ): Promise<TeacherProgram> {
    const { instance } = model;
    const step = answersStep(
      { inputShape: plan.inputShape, answers: new Map([[instance, { logits: true, layers }]]) },
      model,
      batchSize,
    );
    const steps = { [graphName(model)]: step };
    const program = await loadProgram(`${plan.phase.name}/book`, steps, executor, fallBack);
    const vectors = weightVectors(model, trainedVectors(instance)).map(
      ([vector, layout]) => [vector, pack(weights, layout)] as const,
    );
    await program.writeState(Object.fromEntries(vectors));
    return new TeacherProgram(program, model, batchSize);
  }

  async answer({ inputs, labels, count }: Batch): Promise<Answers> {
    const fetched = await this.#program.run(graphName(this.#model), { images: inputs });
    const names = answerNames(this.#model.instance);
    const head = names.layer('');
    const real = (values: NumericArray) =>
      values.subarray(0, (values.length / labels.length) * count) as Float32Array;
    return Object.fromEntries(
      Object.entries(fetched).map(([name, values]) => [
        name === names.logits ? 'logits' : name.slice(head.length),
        real(values),
      ]),
    );
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }
}

/** Told apart from the answers that the graphs of a phase give, and by teacher. */
function graphName({ instance }: PlannedModel): string {
  return `book/${instance}`;
}
