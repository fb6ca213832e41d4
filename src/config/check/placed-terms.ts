import { findMethod } from '../../methods/index.ts';
import { chosen, type LooseConfig } from '../loose.ts';
import type { Path } from '../syntax/node.ts';
import { meetingsIn, meetingsOf, schemeOf, type Meeting } from './meetings.ts';

/** A term where it stands: in `distill.match`, or among the terms of one phase's own. */
export interface PlacedTerm {
  /** Name of the method. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of its settings. */
  readonly path: Path;
  /** Of the pairs that it compares: its own, or those that a phase gives all of its terms. */
  readonly pairs: Path;
  /** Who learns from whom by it. */
  readonly meetings: readonly Meeting[];
  /** Whether it reads images that a generator makes. */
  readonly made: boolean;
}

type Phases = NonNullable<LooseConfig['phases']>;
type Term = Phases[number] extends infer P | undefined
  ? P extends { readonly match?: readonly (infer T)[] }
    ? T
    : never
  : never;

/** All terms of a config that may have faults; one without a method is left out. */
export function placedTerms(value: LooseConfig): readonly PlacedTerm[] {
  const { phases, distill } = value;
  const made =
    phases === undefined
      ? schemeOf(value).word === 'dataFree'
      : phases.some((phase) => phase?.generator !== undefined && phase.match === undefined);
  const common = distill?.match ?? [];
  return [
    ...common.flatMap((term, index) =>
      placed(term, ['distill', 'match', index], { meetings: meetingsOf(value, term), made }),
    ),
    ...(phases ?? []).flatMap((phase, at) => ofPhase(value, phase, at)),
  ];
}

/** Terms of a phase's own, and those of all where it gives them other pairs. */
function ofPhase(value: LooseConfig, phase: Phases[number], at: number): readonly PlacedTerm[] {
  if (phase === undefined || (phase.match === undefined && phase.pairs === undefined)) return [];
  const own: Path = phase.match === undefined ? ['distill', 'match'] : ['phases', at, 'match'];
  const terms: readonly (Term | undefined)[] = phase.match ?? value.distill?.match ?? [];
  return terms.flatMap((term, index) =>
    placed(term, [...own, index], {
      meetings: meetingsIn(value, at, term),
      made: phase.generator !== undefined,
      ...(phase.pairs === undefined ? {} : { pairs: ['phases', at, 'pairs'] }),
    }),
  );
}

function placed(
  term: object | undefined,
  at: Path,
  rest: Pick<PlacedTerm, 'meetings' | 'made'> & { readonly pairs?: Path },
): readonly PlacedTerm[] {
  const { word: name, settings } = chosen(term) ?? { word: '', settings: {} };
  if (findMethod(name) === undefined) return [];
  const path = [...at, name];
  return [{ name, settings, path, pairs: [...path, 'pairs'], ...rest }];
}
