import { chosen, isRecord, type LooseConfig } from '../loose.ts';
import { names, rolesOf, teachersOfTerm } from '../roles.ts';

/** Names of two models of which the second learns from the first. */
export interface Meeting {
  readonly teacher: string;
  readonly student: string;
}

/**
 * Who learns from whom by one term, as far as the file says it: every pair of models whose layers its `pairs` must name.
 * Empty where the term has no teacher.
 */
export function meetingsOf(value: LooseConfig, term: object | undefined): readonly Meeting[] {
  const { to = 'student', scheme } = value.distill ?? {};
  const own = names(teachersOfTerm(term));
  if (own.length > 0) return own.map((teacher) => ({ teacher, student: to }));
  const { word, settings } = chosen(scheme) ?? { word: 'offline', settings: {} };
  if (value.phases !== undefined) return rolesOf(value).from.map((teacher) => ({ teacher, student: to }));
  switch (word) {
    case 'chain': {
      const through = listOf(settings['through']);
      return through.slice(1).map((student, index) => ({ teacher: through[index] ?? '', student }));
    }
    case 'online': {
      const learners = [...new Set([to, ...listOf(settings['peers'])])];
      if (learners.length === 1) return [{ teacher: to, student: to }];
      return learners.flatMap((student) =>
        learners.filter((teacher) => teacher !== student).map((teacher) => ({ teacher, student })),
      );
    }
    case 'self':
      return settings['earlier'] !== undefined || settings['bestSoFar'] === true
        ? [{ teacher: to, student: to }]
        : [];
    default:
      return rolesOf(value).from.map((teacher) => ({ teacher, student: to }));
  }
}

/** The settings of the scheme that the file names; empty where it names none. */
export function schemeOf(value: LooseConfig): {
  readonly word: string;
  readonly settings: Readonly<Record<string, unknown>>;
} {
  return chosen(value.distill?.scheme) ?? { word: 'offline', settings: {} };
}

export function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** Layers of the student that the scheme's settings name, with their place. */
export function schemeLayers(
  value: LooseConfig,
): readonly { readonly path: readonly (string | number)[]; readonly role: 'teacher' | 'student' }[] {
  const { word, settings } = schemeOf(value);
  const at = ['distill', 'scheme', word];
  if (word === 'branches') {
    if (isRecord(settings['copies'])) return [{ path: [...at, 'copies', 'at'], role: 'student' }];
    return listOf(settings['exits']).map((_, index) => ({ path: [...at, 'exits', index], role: 'student' }));
  }
  if (word !== 'progressive' || !Array.isArray(settings['blocks'])) return [];
  return settings['blocks'].flatMap((_, index) => [
    { path: [...at, 'blocks', index, 0], role: 'teacher' as const },
    { path: [...at, 'blocks', index, 1], role: 'student' as const },
  ]);
}
