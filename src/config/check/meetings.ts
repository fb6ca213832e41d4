import { speakersOf } from '../../schemes/lessons.ts';
import { chosen, isRecord, type Loose, type LooseConfig } from '../loose.ts';
import { toPhase, type WrittenPhase } from '../phases/read.ts';
import { learnersOfTerm, names, rolesOf, teachersOfTerm } from '../roles.ts';

/** Names of two models of which the second learns from the first. */
export interface Meeting {
  readonly teacher: string;
  readonly student: string;
}

/** Settings of schemes that name models. */
export const SETTINGS_WITH_MODELS = ['through', 'peers', 'assistants'] as const;

const SETTINGS_OF_PHASES = [
  ...['hardLabelWeight', 'generator', 'alternate', 'optimizer', 'onlyIf'],
  ...['pairs', 'match'],
];

/**
 * Who learns from whom by one term, as far as the file says it: every pair of models whose layers its `pairs` must name.
 * Empty where the term has no teacher.
 */
export function meetingsOf(value: LooseConfig, term: object | undefined): readonly Meeting[] {
  const named = learnersOfTerm(term);
  const reached = (student: string) => named === undefined || names(named).includes(student);
  const own = names(teachersOfTerm(term));
  const meetings =
    value.phases === undefined
      ? ofScheme(value, own, names(named))
      : ofPhases(value.phases, own, rolesOf(value).from);
  return meetings.filter(({ student }) => reached(student));
}

/** @param own teachers that the term names; @param named learners that it names */
function ofScheme(value: LooseConfig, own: readonly string[], named: readonly string[]): readonly Meeting[] {
  const { to = 'student' } = value.distill ?? {};
  const { word, settings } = schemeOf(value);
  const from = (teachers: readonly string[], students: readonly string[]) =>
    students.flatMap((student) =>
      teachers.filter((teacher) => teacher !== student).map((teacher) => ({ teacher, student })),
    );
  const [through, peers, assistants] = SETTINGS_WITH_MODELS.map((key) => listOf(settings[key]));
  switch (word) {
    case 'chain': {
      const [, ...students] = through ?? [];
      if (own.length > 0) return from(own, students);
      return students.map((student, index) => ({ teacher: through?.[index] ?? '', student }));
    }
    case 'online': {
      const learners = [...new Set([to, ...(peers ?? [])])];
      if (own.length > 0) return from(own, learners);
      return learners.length === 1 ? [{ teacher: to, student: to }] : from(learners, learners);
    }
    case 'interactive': {
      const others = assistants ?? [];
      if (own.length > 0) return from(own, [to, ...others]);
      if (others.length === 0) return [{ teacher: to, student: to }];
      return [...from(others, [to]), ...from([to], others)];
    }
    case 'self': {
      const itself = settings['earlier'] !== undefined || settings['bestSoFar'] === true;
      return own.length > 0 ? from(own, [to]) : itself ? [{ teacher: to, student: to }] : [];
    }
    default:
      return [to, ...named.filter((name) => name !== to)].flatMap((student) =>
        (own.length > 0 ? own : rolesOf(value).from).map((teacher) => ({ teacher, student })),
      );
  }
}

/**
 * The same of a term in one phase, written out as it should be: of the phase's own, or with pairs that the phase gives.
 *
 * @param at place of the phase
 */
export function meetingsIn(value: LooseConfig, at: number, term: object | undefined): readonly Meeting[] {
  const named = learnersOfTerm(term);
  const { phases = [] } = value;
  const phase = phases[at];
  if (phase === undefined) return [];
  const meetings = ofPhases(phases, names(teachersOfTerm(term)), rolesOf(value).from, phase);
  return meetings.filter(({ student }) => named === undefined || names(named).includes(student));
}

type WrittenPhases = NonNullable<LooseConfig['phases']>;

/** Of the phases that are written out as they should be, or of one of them. */
function ofPhases(
  written: WrittenPhases,
  own: readonly string[],
  teachers: readonly string[],
  one?: WrittenPhases[number],
): readonly Meeting[] {
  const whole = written.filter(isWhole);
  const phases = whole.map((phase) => toPhase(withoutSettings(phase), teachers, () => false));
  const found = phases
    .filter(({ loss }, index) => {
      const phase = whole[index];
      return loss !== 'task' && (one === undefined ? phase !== undefined && !hasTerms(phase) : phase === one);
    })
    .flatMap((phase) =>
      phase.train.flatMap((learner) =>
        speakersOf(phase, learner, teachers, own.length > 0 ? own : null, { phases }).map(({ model }) => ({
          teacher: model,
          student: learner.model,
        })),
      ),
    );
  return [...new Map(found.map((meeting) => [JSON.stringify(meeting), meeting])).values()];
}

/** Whether a phase has terms of its own, or other pairs for all of them. */
function hasTerms({ pairs, match }: NonNullable<WrittenPhases[number]>): boolean {
  return pairs !== undefined || match !== undefined;
}

/** Without what says nothing of who speaks, and may lack what a config without faults has. */
function withoutSettings(phase: WrittenPhase): WrittenPhase {
  const entries = Object.entries(phase).filter(([key]) => !SETTINGS_OF_PHASES.includes(key));
  return Object.fromEntries(entries) as unknown as WrittenPhase;
}

function isWhole(phase: Loose<WrittenPhase> | undefined): phase is WrittenPhase {
  if (phase === undefined) return false;
  return (
    // What its terms compare says nothing of who speaks.
    isWithoutHoles({ ...phase, pairs: null, match: null }) &&
    phase.name !== undefined &&
    phase.loss !== undefined &&
    phase.epochs !== undefined &&
    phase.freeze?.includes(undefined) === false &&
    phase.train?.every(isWholeEntry) === true
  );
}

/** Whether no list in it lacks an entry that was faulty. */
function isWithoutHoles(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined;
  return Object.values(value).every(isWithoutHoles);
}

function isWholeEntry(entry: unknown): boolean {
  return typeof entry === 'string' || (isRecord(entry) && Object.keys(entry).length === 1);
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
  const key = { progressive: 'blocks', grafting: 'blocks', studentAware: 'branches' }[word] ?? '';
  const pairs = settings[key];
  if (!Array.isArray(pairs)) return [];
  return pairs.flatMap((_, index) => [
    { path: [...at, key, index, 0], role: 'teacher' as const },
    { path: [...at, key, index, 1], role: 'student' as const },
  ]);
}
