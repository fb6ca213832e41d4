import { findScheme } from '../schemes/index.ts';
import { chosen, isRecord, type Loose } from './loose.ts';

/** Who teaches, by what the file says and what its scheme needs. */
export interface Roles {
  /** `distill.from`; where it is left out, `teacher` for a scheme that needs one. */
  readonly from: readonly string[];
  /** The same with the teachers of single terms. */
  readonly teachers: readonly string[];
}

const CUSTOMARY = 'teacher';

export function rolesOf(value: {
  readonly phases?: unknown;
  readonly distill?: {
    readonly scheme?: object;
    readonly from?: string | readonly (string | undefined)[];
    readonly match?: readonly (object | undefined)[];
  };
}): Roles {
  const { scheme, from, match = [] } = value.distill ?? {};
  const needed = findScheme(chosen(scheme)?.word ?? 'offline')?.teachers.minimum ?? 0;
  const named = names(from);
  const own = named.length === 0 && (needed > 0 || value.phases !== undefined) ? [CUSTOMARY] : named;
  const others = match.flatMap((term) => names(teachersOfTerm(term)));
  return { from: own, teachers: [...new Set([...own, ...others])] };
}

/** The `from` of a term in its normalised form. */
export function teachersOfTerm(term: Loose<object> | undefined): string | readonly string[] | undefined {
  const settings = chosen(term)?.settings;
  const from = isRecord(settings) ? settings['from'] : undefined;
  return typeof from === 'string' || Array.isArray(from) ? (from as string | readonly string[]) : undefined;
}

/** One name or several as a list. */
export function names(from: string | readonly (string | undefined)[] | undefined): readonly string[] {
  return [from ?? []].flat().filter((name) => name !== undefined);
}
