/** What a rule of the diagnosis found in a run. */
export interface Finding {
  /** Name of the rule: `overfitting`, `deadTerm`, ... */
  readonly rule: string;
  /** What is seen, in a sentence. */
  readonly symptom: string;
  /** The numbers that show it. */
  readonly evidence: readonly { readonly what: string; readonly value: string }[];
  /** What most likely brings it about. */
  readonly cause: string;
  /** What to change in the experiment file, the likeliest help first; empty where no edit helps. */
  readonly changes: readonly ProposedChange[];
  /** Where the rule comes from. */
  readonly source: string;
}

/** One key of the experiment file and what to write there. */
export interface ProposedChange {
  /** In words: "Lower the learning rate to 0.015". */
  readonly title: string;
  /** `train.optimizer.sgd.learningRate`, `distill.match.0.at.weight`, `compare.seeds`. */
  readonly path: readonly (string | number)[];
  /** What to write, as YAML in one line. */
  readonly value: string;
}

/** `kd diagnose --json`, and what the panel shows. */
export interface Diagnosis {
  readonly run: string;
  readonly findings: readonly Finding[];
  /** Rules that could not look, and what they lack. */
  readonly unable: readonly { readonly rule: string; readonly why: string }[];
}
