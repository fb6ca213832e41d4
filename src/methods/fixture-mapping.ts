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
  /** The fixture's parameter that the term's weight stands for, where the expected loss includes it. */
  readonly weight?: string;
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
