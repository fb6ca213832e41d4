import { findScheme } from '../schemes/index.ts';
import { chosen, isRecord, type ConfigValue, type Loose } from './loose.ts';

/** Who teaches, by what the file says and what its scheme needs. */
export interface Roles {
  /** `distill.from`; where it is left out, `teacher` for a scheme that needs one, or where a phase freezes it. */
  readonly from: readonly string[];
  /** The same with the teachers of single terms. */
  readonly teachers: readonly string[];
}

const CUSTOMARY = 'teacher';

/** Whether phases that are written out have one customary teacher: frozen in some, and alone wherever it is. */
function freezesOne(phases: unknown): boolean {
  const list = Array.isArray(phases) ? (phases as readonly unknown[]) : [];
  const frozen = list
    .map((phase): unknown => (isRecord(phase) ? phase['freeze'] : undefined))
    .filter((freeze): freeze is readonly unknown[] => Array.isArray(freeze) && freeze.includes(CUSTOMARY));
  return frozen.length > 0 && frozen.every((freeze) => freeze.length === 1);
}

export function rolesOf(value: {
  readonly phases?: unknown;
  readonly distill?: {
    readonly scheme?: object;
    readonly from?: string | readonly (string | undefined)[];
    readonly match?: readonly (object | undefined)[];
  };
}): Roles {
  const { phases } = value;
  const { scheme, from, match = [] } = value.distill ?? {};
  const needed = findScheme(chosen(scheme)?.word ?? 'offline')?.teachers.minimum ?? 0;
  const named = names(from);
  const wanted = phases === undefined ? needed > 0 : freezesOne(phases);
  const own = named.length === 0 && wanted ? [CUSTOMARY] : named;
  const others = match.flatMap((term) => names(teachersOfTerm(term)));
  return { from: own, teachers: [...new Set([...own, ...others])] };
}

/** The `from` of a term in its normalised form. */
export function teachersOfTerm(term: Loose<object> | undefined): string | readonly string[] | undefined {
  return namesIn(term, 'from');
}

/** Models that single terms teach, and that the scheme does not. */
export function furtherLearners(
  value: Parameters<typeof rolesOf>[0] & { readonly distill?: { readonly to?: string } },
): readonly string[] {
  const { to = 'student', scheme, match = [] } = value.distill ?? {};
  const { word, settings } = chosen(scheme) ?? { word: 'offline', settings: {} };
  const taught = [to, ...(findScheme(word)?.models?.(settings) ?? [])];
  const named = match.flatMap((term) => names(learnersOfTerm(term)));
  return [...new Set(named)].filter((name) => !taught.includes(name));
}

/** The `to` of a term in its normalised form. */
export function learnersOfTerm(term: Loose<object> | undefined): string | readonly string[] | undefined {
  return namesIn(term, 'to');
}

function namesIn(
  term: Loose<object> | undefined,
  key: 'from' | 'to',
): string | readonly string[] | undefined {
  const settings = chosen(term)?.settings;
  const value = isRecord(settings) ? settings[key] : undefined;
  return typeof value === 'string' || Array.isArray(value)
    ? (value as string | readonly string[])
    : undefined;
}

/** One name or several as a list. */
export function names(from: string | readonly (string | undefined)[] | undefined): readonly string[] {
  return [from ?? []].flat().filter((name) => name !== undefined);
}

/** How teachers are merged to one book: by the scheme `book`, or by each phase that says so. */
export function mergedBooks(
  value: Loose<Pick<ConfigValue, 'distill' | 'phases'>>,
): readonly Readonly<Record<string, unknown>>[] {
  const scheme = chosen(value.distill?.scheme);
  if (value.phases === undefined) return scheme?.word === 'book' ? [scheme.settings] : [];
  return value.phases.flatMap((phase) => (phase?.book === undefined ? [] : [phase.book]));
}
