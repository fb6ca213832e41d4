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
  /** The method's parameter to the fixture's, or to what follows from them; parameters not named keep their defaults. */
  readonly parameters?: Readonly<
    Record<string, string | ((given: Readonly<Record<string, unknown>>) => unknown)>
  >;
  /** The fixture's parameter that the term's weight stands for, where the expected loss includes it. */
  readonly weight?: string;
  /** The method's variable to the fixture's weight. Variables not named keep their initial values. A function where the names depend
   * on the number of pairs. */
  readonly variables?:
    Readonly<Record<string, string>> | ((pairs: number) => Readonly<Record<string, string>>);
}

export interface FixtureSide {
  readonly logits?: string;
  /** One map a pair: the name of an input or of a list of them, or the names one by one. */
  readonly maps?: string | readonly string[];
}
