import type { Method } from './method.ts';

/**
 * How the names in a golden fixture (format `kd-golden-loss/1`) map to the context of a loss. An input named here
 * without an index also stands for the list `name.0`, `name.1`, ...
 */
export interface FixtureMapping {
  /** The fixture's `method`: `kd`, `ft_official`, ... */
  readonly method: string;
  readonly student: FixtureSide;
  readonly teacher: FixtureSide;
  /** The stronger view. */
  readonly strong?: { readonly student: FixtureSide; readonly teacher: FixtureSide };
  /** Members of a group, the one that is kept first; `list` counts them. */
  readonly group?: {
    readonly list: string;
    readonly members: (count: number) => readonly FixtureMember[];
    /** The shared map; a pooled one `[batch, channels]` stands for a map of 1×1. */
    readonly trunk?: string;
  };
  /**
   * The list of logits of networks that teach one another: the loss is taken for each of them as the student and each other
   * one as its teacher, averaged over the teachers, summed over the students.
   */
  readonly peers?: string;
  readonly labels?: string;
  readonly indices?: string;
  /** The fixture's parameter that says how many samples the training split has. */
  readonly samples?: string;
  /** The method's draw to the fixture's table, of which columns from `from` on are taken. */
  readonly draws?: Readonly<Record<string, { readonly table: string; readonly from: number }>>;
  /** The method's parameter to the fixture's, or to what follows from them; parameters not named keep their defaults. */
  readonly parameters?: Readonly<
    Record<string, string | ((given: Readonly<Record<string, unknown>>) => unknown)>
  >;
  /** The teacher's tensor to the fixture's. */
  readonly teacherWeights?: (pairs: number) => Readonly<Record<string, string>>;
  /**
   * Losses as right as the method's own, where a case leaves a choice open that its reference took by chance (the sign of
   * a singular vector). A case passes where one of them agrees in value and in every gradient.
   */
  readonly alternatives?: {
    readonly choice: string;
    readonly losses: (batch: number, pairs: number) => readonly Method['loss'][];
  };
  /** The fixture's parameter that the term's weight stands for, or what follows from them, where the expected loss includes it. */
  readonly weight?: string | ((given: Readonly<Record<string, unknown>>) => number);
  /** Weight of the cross-entropy with the labels of everyone who learns, where the expected loss includes it. */
  readonly hardLabelWeight?: (given: Readonly<Record<string, unknown>>) => number;
  /**
   * The method's variable to the fixture's weight, input or number among the parameters. Variables not named keep their
   * initial values. A function where the names depend on the number of layers.
   */
  readonly variables?:
    | Readonly<Record<string, string>>
    | ((student: number, teacher: number) => Readonly<Record<string, string>>);
}

export interface FixtureSide {
  readonly logits?: string;
  /** One map a pair, the last for all further pairs of the other side: the name of an input or of a list of them, or the names one by one. */
  readonly maps?: string | readonly string[];
}

export interface FixtureMember {
  readonly logits?: string;
  readonly embedding?: string;
  /** Kernel and bias of the linear layer that makes the logits of the embedding, where the fixture gives those instead. */
  readonly classifier?: readonly [kernel: string, bias: string];
}
