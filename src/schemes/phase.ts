/**
 * The training loop knows only phases. A scheme is a named expansion into them.
 */
export interface Phase {
  /** Unique within the experiment: `teacher`, `student`, `baseline`. */
  readonly name: string;
  /** What is trained: instances of the config's models. */
  readonly train: readonly TrainedInstance[];
  /** Instances that answer but do not learn; they run in inference mode. */
  readonly freeze: readonly string[];
  /** `task`: hard labels alone; `distill`: the terms of `distill.match` and the weighted hard labels. */
  readonly loss: 'task' | 'distill';
  readonly epochs: number;
  /** Where the training settings come from: the experiment's `train`, or a model's own. */
  readonly settingsOf: { readonly experiment: true } | { readonly model: string };
  /** True: once per entry of `compare.seeds`; false: once, with `train.seed`. */
  readonly perSeed: boolean;
}

export interface TrainedInstance {
  /** Name of the trained weights: `student`, `baseline`. */
  readonly instance: string;
  /** Name of the model in the config that it is an instance of. */
  readonly model: string;
}
