import type { NumericArray, StepGraph } from '../../compiler/graph.ts';
import { trace } from '../../compiler/trace.ts';
import type { Executor, Feeds, Fetches, Program } from '../../executors/executor.ts';
import { pack } from '../flat.ts';
import { initialBeside, initialTensors } from '../initial-tensors.ts';
import type { NamedTensors, Stateful } from '../phase-program.ts';
import type { PhasePlan } from '../plan.ts';
import type { Step } from '../steps.ts';
import { weightVectors } from '../learner-state.ts';
import { trainedVectors } from '../weight-average.ts';

/** One step in a program of its own, on weights as training starts with. */
export class LoadedStep {
  readonly graph: StepGraph;
  readonly state: Readonly<Record<string, NumericArray>>;
  readonly #program: Program;

  private constructor(graph: StepGraph, state: Readonly<Record<string, NumericArray>>, program: Program) {
    this.graph = graph;
    this.state = state;
    this.#program = program;
  }

  static async load(
    name: string,
    { step, specs }: Step,
    plan: PhasePlan,
    seed: number,
    executor: Executor,
  ): Promise<LoadedStep> {
    const graph = trace(name, step, specs);
    const initial = initialState(plan, seed);
    const vectors = Object.entries(specs).filter(([, { role }]) => role === 'state');
    const state = Object.fromEntries(
      vectors.map(([vector, { shape }]) => [
        vector,
        initial[vector] ?? new Float32Array(shape.reduce((a, b) => a * b, 1)),
      ]),
    );
    return new LoadedStep(graph, state, await executor.load({ step: graph }, state));
  }

  /** Feeds that the step does not take are left out. */
  run(feeds: Feeds): Promise<Fetches> {
    return this.#program.run('step', this.taken(feeds));
  }

  taken(feeds: Feeds): Feeds {
    const names = this.graph.inputs.filter(({ role }) => role !== 'state').map(({ name }) => name);
    return Object.fromEntries(
      names.flatMap((name) => (feeds[name] === undefined ? [] : [[name, feeds[name]]])),
    );
  }

  /** The numbers of a state vector as they stand. */
  async read(vector: string): Promise<NumericArray | undefined> {
    return (await this.#program.readState([vector]))[vector];
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }
}

/** Weights and statistics of everybody by state vector; a teacher that is still to be trained costs as much. */
function initialState(plan: PhasePlan, seed: number): Readonly<Record<string, Float32Array>> {
  const packed = (model: Stateful, tensors: NamedTensors) => {
    const vectors = weightVectors(model, trainedVectors(model.instance));
    return vectors.map(([vector, layout]) => [vector, pack(tensors, layout)] as const);
  };
  return Object.fromEntries([
    ...plan.learners.flatMap((learner) => packed(learner, initialTensors(learner, seed))),
    ...[...plan.teachers, ...plan.copies].flatMap((model) =>
      packed(model, initialTensors({ ...model, variant: 0, prefix: '', lessons: [] }, seed)),
    ),
    ...(plan.generator === null
      ? []
      : packed(
          plan.generator,
          initialTensors({ ...plan.generator, variant: 0, prefix: '', lessons: [] }, seed),
        )),
    ...plan.opponents.flatMap((opponent) => packed(opponent, initialBeside(opponent, seed))),
  ]);
}
