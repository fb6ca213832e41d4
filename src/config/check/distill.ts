import { closestNames } from '../../schema/suggest.ts';
import type { Fix } from '../diagnostic.ts';
import { replaceFix } from '../report.ts';
import type { LooseConfig } from '../loose.ts';
import { learnersOfTerm, rolesOf, teachersOfTerm } from '../roles.ts';
import { entryOf, keyPlace, nodeAt, type ConfigNode, type Path, type Place } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import { removeItemFix } from './fixes.ts';
import { listOf, schemeOf, SETTINGS_WITH_MODELS } from './meetings.ts';
import type { ResolvedModel } from './models.ts';

/** Roles: the models named in `distill` exist, differ, and are the right way round. */
export function checkRoles(
  value: LooseConfig,
  models: ReadonlyMap<string, ResolvedModel>,
  context: CheckContext,
): void {
  const names = namesOfModels(context.tree);
  const { to } = value.distill ?? {};
  if (to === undefined || value.models === undefined) return;
  const { from } = rolesOf(value);
  const known = [
    ...from.map((name, index) => checkName(fromPath(context, index), name, names, context)),
    checkName(['distill', 'to'], to, names, context),
    ...namedElsewhere(value).map(({ path, name }) => checkName(path, name, names, context)),
  ];
  if (known.includes(false)) return;
  for (const teacher of from) {
    if (teacher === to) {
      context.report.add('KD2210', keyPlace(context.tree, ['distill', 'to']), {
        message: `"${to}" cannot teach itself`,
        help: 'Name two models: `from` teaches, `to` learns.',
      });
    } else if (/^student/i.test(teacher) && /^teacher/i.test(to)) {
      reportSwapped(teacher, to, context);
    } else checkSizes(teacher, to, models, context);
  }
}

/** Where a teacher is named: in a list, or alone. */
function fromPath({ tree }: CheckContext, index: number): Path {
  const node = nodeAt(tree, ['distill', 'from']);
  return node?.kind === 'list' ? ['distill', 'from', index] : ['distill', 'from'];
}

/** Models that single terms and the settings of the scheme name. */
function namedElsewhere(value: LooseConfig): readonly { readonly path: Path; readonly name: string }[] {
  const { word, settings } = schemeOf(value);
  const ofScheme = SETTINGS_WITH_MODELS.flatMap((key) =>
    listOf(settings[key]).map((name, index) => ({ path: ['distill', 'scheme', word, key, index], name })),
  );
  const ofTerms = (value.distill?.match ?? []).flatMap((term, at) =>
    (
      [
        ['from', teachersOfTerm(term)],
        ['to', value.phases === undefined ? learnersOfTerm(term) : undefined],
      ] as const
    ).flatMap(([key, own]) => {
      const path = ['distill', 'match', at, Object.keys(term ?? {})[0] ?? '', key];
      if (typeof own === 'string') return [{ path, name: own }];
      // A faulty entry leaves a hole.
      return ((own ?? []) as readonly (string | undefined)[]).flatMap((name, index) =>
        name === undefined ? [] : [{ path: [...path, index], name }],
      );
    }),
  );
  return [...ofScheme, ...ofTerms];
}

/** Names under `models`, also of those that are faulty in themselves. */
export function namesOfModels(tree: ConfigNode): string[] {
  const models = entryOf(tree, 'models')?.value;
  return models?.kind === 'map' ? models.entries.map((entry) => entry.key) : [];
}

function checkName(path: Path, name: string, names: readonly string[], context: CheckContext): boolean {
  if (names.includes(name)) return true;
  const node = nodeAt(context.tree, path);
  if (!context.complete && node === undefined) return false;
  const [close] = closestNames(name, names, 1);
  const asDefault = node === undefined ? ` (the default of ${path.join('.')})` : '';
  context.report.add('KD2201', node?.place ?? keyPlace(context.tree, ['models']), {
    message: `there is no model "${name}"${asDefault}${close === undefined ? '' : `; did you mean "${close}"?`}`,
    help: names.length === 0 ? 'Describe it under `models`.' : `Models: ${names.join(', ')}.`,
    fixes:
      close === undefined || node === undefined
        ? []
        : [replaceFix(`Change to "${close}"`, node.place, close)],
  });
  return false;
}

function reportSwapped(from: string, to: string, { tree, report }: CheckContext): void {
  const teacher = nodeAt(tree, ['distill', 'from']);
  const student = nodeAt(tree, ['distill', 'to']);
  const fixes =
    teacher === undefined || student === undefined
      ? []
      : [
          {
            title: 'Swap the two',
            edits: [...replaceFix('', teacher.place, to).edits, ...replaceFix('', student.place, from).edits],
          },
        ];
  report.add('KD2210', keyPlace(tree, ['distill', 'from']), {
    message: `"${from}" teaches and "${to}" learns: the two are swapped`,
    help: '`from` is the teacher, `to` the student.',
    fixes,
  });
}

function checkSizes(
  from: string,
  to: string,
  models: ReadonlyMap<string, ResolvedModel>,
  context: CheckContext,
): void {
  const [teacher, student] = [models.get(from), models.get(to)];
  // For other images both have other sizes.
  if (teacher?.exact !== true || student?.exact !== true) return;
  const [large, small] = [teacher.description.parameters, student.description.parameters];
  if (large >= small) return;
  context.report.add('KD2209', keyPlace(context.tree, ['models', from]), {
    message: `${from} (${teacher.graph.architecture}, ${count(large)} parameters) is smaller than ${to} (${student.graph.architecture}, ${count(small)})`,
    help: 'Swap the architectures, unless it is meant.',
    fixes: swapFix(from, to, context),
    related: [{ place: keyPlace(context.tree, ['models', to]), message: `${to} stands here` }],
  });
}

/** Exchanges what stands under the two models' `architecture`. */
function swapFix(from: string, to: string, { tree }: CheckContext): Fix[] {
  const [large, small] = [from, to].map((name) => nodeAt(tree, ['models', name, 'architecture'])?.place);
  if (large === undefined || small === undefined || large.source !== small.source) return [];
  const text = ({ source, start, end }: Place) => source.text.slice(start, end).trimEnd();
  if (/[\r\n]/.test(text(large) + text(small))) return [];
  const edits = [...replaceFix('', large, text(small)).edits, ...replaceFix('', small, text(large)).edits];
  return [{ title: 'Swap the two architectures', edits }];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Whether any term can move the student, and whether one says the same as another; also of the terms of a phase's own. */
export function checkTerms(value: LooseConfig, context: CheckContext): void {
  const terms = value.distill?.match ?? [];
  const epochs = value.train?.epochs;
  const moves = checkList(terms, ['distill', 'match'], { epochs, what: 'training' }, context);
  (value.phases ?? []).forEach((phase, at) => {
    const whole = { epochs: phase?.epochs ?? epochs, what: 'the phase' };
    checkList(phase?.match ?? [], ['phases', at, 'match'], whole, context);
  });
  if (!moves && value.distill?.hardLabelWeight === 0 && terms.length > 0) {
    context.report.add('KD2216', keyPlace(context.tree, ['distill', 'hardLabelWeight']), {
      message: 'every weight is 0, so the student has nothing to learn from',
      help: 'Give a term or the hard labels a weight.',
    });
  }
}

/** What ends after so many epochs, where they are known. */
interface Whole {
  readonly epochs: number | undefined;
  readonly what: string;
}

/** True where a term of the list can move the student. */
function checkList(
  terms: readonly (object | undefined)[],
  at: Path,
  { epochs, what }: Whole,
  { tree, report }: CheckContext,
): boolean {
  const list = nodeAt(tree, at);
  const seen = new Map<string, number>();
  let moves = false;
  terms.forEach((term, index) => {
    const [name, settings] = Object.entries(term ?? {})[0] ?? [];
    if (name === undefined || settings === undefined) {
      moves = true;
      return;
    }
    const path = [...at, index, name];
    const { weight, start, end } = settings as { weight?: unknown; start?: number; end?: number };
    if (weight === 0) {
      report.add('KD2212', nodeAt(tree, [...path, 'weight'])?.place ?? keyPlace(tree, path), {
        message: `${name} has weight 0 and no effect`,
        help: 'Remove the term, or give it a weight.',
        fixes: removeItemFix(list, index, `Remove ${name}`),
      });
    } else moves = true;
    if (start !== undefined && epochs !== undefined && start >= epochs) {
      report.add('KD2212', nodeAt(tree, [...path, 'start'])?.place ?? keyPlace(tree, path), {
        message: `${name} would start in epoch ${start}, but ${what} ends after ${epochs} epochs`,
        help: `Start it in one of the epochs 0 to ${epochs - 1}.`,
      });
    }
    if (start !== undefined && end !== undefined && end <= start) {
      report.add('KD2212', nodeAt(tree, [...path, 'end'])?.place ?? keyPlace(tree, path), {
        message: `${name} ends in epoch ${end}, before it starts in epoch ${start}`,
        help: 'Let `end` be larger than `start`.',
      });
    }
    const same = seen.get(JSON.stringify(term));
    if (same === undefined) seen.set(JSON.stringify(term), index);
    else {
      report.add('KD2213', keyPlace(tree, path), {
        message: `this ${name} says the same as an earlier one`,
        help: 'Remove one of them, or raise the weight of the other.',
        fixes: removeItemFix(list, index, `Remove this ${name}`),
        related: [{ place: keyPlace(tree, [...at, same, name]), message: 'the earlier one' }],
      });
    }
  });
  return moves;
}
