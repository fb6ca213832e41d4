import { findMethod } from '../../methods/index.ts';
import { findRefiner } from '../../methods/refine/index.ts';
import { findScheme } from '../../schemes/index.ts';
import type { Scheme } from '../../schemes/scheme.ts';
import type { Code } from '../codes.ts';
import type { Fix } from '../diagnostic.ts';
import { chosen, isRecord, type LooseConfig } from '../loose.ts';
import { learnersOfTerm, names, rolesOf, teachersOfTerm } from '../roles.ts';
import { keyPlace, nearestNode, nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import { removeFromFix } from './fixes.ts';
import { listOf, schemeOf } from './meetings.ts';
import { placedTerms } from './placed-terms.ts';

/** Whether the scheme has the parts that it and its terms need. */
export function checkScheme(value: LooseConfig, context: CheckContext): void {
  if (value.distill === undefined || !context.complete) return;
  const { word, settings } = schemeOf(value);
  const scheme = findScheme(word);
  if (scheme === undefined) return;
  const at: Path = ['distill', 'scheme', word];
  const fault = (code: Code, path: Path, message: string, help: string) =>
    context.report.add(code, nearestNode(context.tree, path).place, { message, help });
  const { from } = rolesOf(value);
  const { to = 'student' } = value.distill;
  if (value.phases === undefined && from.length > scheme.teachers.maximum) {
    const [message, help] =
      scheme.teachers.maximum === 0
        ? [
            `the scheme ${word} has no teacher beside the networks that learn`,
            'Remove `from`, or name the teacher in the one term that shall hear it.',
          ]
        : [
            `the scheme ${word} has one teacher, but ${from.length} are named`,
            'Use `scheme: multiTeacher` to learn from several.',
          ];
    fault('KD2217', ['distill', 'from'], message, help);
  }
  if (word === 'multiTeacher') checkShares(settings, from.length, at, fault);
  if (word === 'chain') checkChain(listOf(settings['through']), to, at, fault);
  if (value.phases === undefined) {
    for (const [key, role] of [
      ['peers', 'the first of the peers already'],
      ['assistants', 'taught by the assistants, and none of them'],
    ] as const) {
      const index = listOf(settings[key]).indexOf(to);
      if (index < 0) continue;
      fault(
        'KD2217',
        [...at, key, index],
        `"${to}" is ${role}`,
        'Name the other models only, or give a number of networks like it.',
      );
    }
    checkLearners(value, scheme, context);
  }
  checkNeeds(value, word, context);
}

type Fault = (code: Code, path: Path, message: string, help: string) => void;

function checkShares(
  settings: Readonly<Record<string, unknown>>,
  teachers: number,
  at: Path,
  fault: Fault,
): void {
  const { combine } = settings;
  const weights = isRecord(combine) && Array.isArray(combine['weights']) ? combine['weights'] : null;
  if (weights === null) return;
  const path = [...at, 'combine', 'weights'];
  if (weights.length !== teachers) {
    fault(
      'KD2217',
      path,
      `there are ${teachers} teachers, but ${weights.length} shares`,
      'Give one share a teacher, in the order of `distill.from`.',
    );
  } else if (!weights.some((weight) => Number(weight) > 0))
    fault('KD2217', path, 'all shares are 0', 'Give at least one teacher a share.');
}

function checkChain(through: readonly string[], to: string, at: Path, fault: Fault): void {
  if (through.length === 0) return;
  const last = through.length - 1;
  if (through[last] !== to) {
    fault(
      'KD2217',
      [...at, 'through', last],
      `the chain ends with "${through[last] ?? ''}", but "${to}" is to learn`,
      `End it with "${to}", or say \`to: ${through[last] ?? ''}\`.`,
    );
  }
  const twice = through.findIndex((model, index) => through.indexOf(model) < index);
  if (twice >= 0) {
    fault(
      'KD2217',
      [...at, 'through', twice],
      `"${through[twice] ?? ''}" stands twice in the chain`,
      'Name each model once.',
    );
  }
}

/** Whom terms name in `to`: everybody learns, and nobody from himself. */
function checkLearners(value: LooseConfig, scheme: Scheme, context: CheckContext): void {
  const { to = 'student', match = [] } = value.distill ?? {};
  const { word, settings } = schemeOf(value);
  const { from } = rolesOf(value);
  const taught = scheme.models?.(settings) ?? [];
  const numbered = ['peers', 'assistants'].some((key) => typeof settings[key] === 'number');
  match.forEach((term, index) => {
    const { word: name } = chosen(term) ?? { word: '' };
    const path = ['distill', 'match', index, name, 'to'];
    const node = nodeAt(context.tree, path);
    const listed = names(learnersOfTerm(term));
    listed.forEach((learner, position) => {
      const at = node?.kind === 'list' ? [...path, position] : path;
      const fault = (message: string, help: string) =>
        context.report.add('KD2217', nearestNode(context.tree, at).place, { message, help });
      const teachers = names(teachersOfTerm(term));
      const only = teachers.length > 0 ? teachers : from;
      if (scheme.joins === true && only.includes(learner)) {
        fault(`"${learner}" teaches and cannot learn from itself`, 'Name a model that learns.');
      } else if (scheme.joins !== true && learner !== to && !taught.includes(learner) && !numbered) {
        fault(
          `"${learner}" does not learn: the scheme ${word} teaches ${[to, ...taught.filter((one) => one !== to)].join(', ')}`,
          'Name one of them, or use a scheme that lets others learn beside the student: offline, multiTeacher, adversarial, studentAware.',
        );
      }
    });
    if (listed.length > 0 && findMethod(name)?.needs.group !== undefined)
      context.report.add('KD2217', nearestNode(context.tree, path).place, {
        message: `${name} looks at all that learn together and moves each of them`,
        help: 'Remove `to`.',
      });
  });
}

/** What a term needs of the scheme: a teacher, a group, a term with logits to refine. */
function checkNeeds(value: LooseConfig, word: string, context: CheckContext): void {
  const hasExits = word === 'branches' && schemeOf(value).settings['exits'] !== undefined;
  for (const { name, settings, path, meetings, made } of placedTerms(value)) {
    const method = findMethod(name);
    if (method === undefined) continue;
    const fault = (at: Path, message: string, help: string, fixes: readonly Fix[] = []) =>
      context.report.add(
        'KD2218',
        at === path ? keyPlace(context.tree, at) : nearestNode(context.tree, at).place,
        { message, help, fixes },
      );
    const { logits, pairs, teacherWeights, group } = method.needs;
    const wantsTeacher = logits === true || pairs !== undefined || teacherWeights !== undefined;
    if (value.phases === undefined && wantsTeacher && settings['to'] === undefined && meetings.length === 0) {
      fault(
        path,
        `${name} needs a teacher, and the scheme ${word} has none`,
        'Choose a scheme with a teacher, name one in the term (`from`), or a method that needs none.',
      );
    }
    if (value.phases === undefined && group !== undefined && word !== 'online' && word !== 'branches') {
      fault(
        path,
        `${name} looks at a group that learns together, and the scheme ${word} has none`,
        'Use `scheme: { online: { peers: 3 } }` or `scheme: { branches: ... }`.',
      );
    }
    if (group?.trunk === 'map' && hasExits) {
      fault(
        path,
        `${name} reads the map that branches share, and exits share none`,
        'Use copies of the end of the student: `scheme: { branches: { copies: { at: ... } } }`.',
      );
    }
    if (group?.trunk !== undefined && word === 'online') {
      fault(
        path,
        `${name} looks at parts of one network, and the peers of ${word} are networks of their own`,
        'Use `scheme: { branches: ... }` with exits or copies of the student.',
      );
    }
    if (method.needs.strongView === true && value.data?.strongAugment === undefined) {
      fault(
        path,
        `${name} compares two views of each sample, and there is no stronger one`,
        'Give `data.strongAugment`, for instance [{ randomCrop: { padding: 4 } }, randomFlip].',
      );
    }
    const { labels, indices, strongView } = method.needs;
    if (made && (labels === true || indices === true || strongView === true)) {
      fault(
        path,
        `${name} reads ${indices === true ? 'samples of the training split' : 'true labels'}, and images that are made have none`,
        'Choose a method that compares answers or layers alone, such as kd.',
      );
    }
    if (word === 'online' && teacherWeights !== undefined) {
      fault(
        path,
        `${name} reads weights of a finished teacher, and the peers of ${word} change in every step`,
        'Name a finished model in the term (`from`), or choose another method.',
      );
    }
    const refine = Array.isArray(settings['refine']) ? (settings['refine'] as (object | undefined)[]) : [];
    refine.forEach((entry, at) => {
      const refiner = findRefiner(chosen(entry)?.word ?? '');
      if (refiner === undefined || (refiner.changes === 'logits' ? logits === true : pairs !== undefined))
        return;
      const what = refiner.changes === 'logits' ? 'answers' : 'layers';
      fault(
        [...path, 'refine', at],
        `${refiner.name} changes ${what}, and ${name} compares none`,
        refiner.changes === 'logits'
          ? 'Remove it, or refine a term that compares answers.'
          : 'Remove it, or refine a term that compares pairs of layers, such as fitnet: it may stand beside this one.',
        removeFromFix(nodeAt(context.tree, path), 'refine', at, `Remove ${refiner.name}`),
      );
    });
  }
  if (word === 'adversarial' && !(value.distill?.match ?? []).some(hasOpponent)) {
    context.report.add('KD2218', nearestNode(context.tree, ['distill', 'match']).place, {
      message: 'no term brings a discriminator',
      help: 'Add one such as gankd, or use `scheme: offline`.',
    });
  }
}

function hasOpponent(term: object | undefined): boolean {
  const { word } = chosen(term) ?? { word: '' };
  const method = findMethod(word);
  // A faulty term may have been one.
  return method === undefined || method.opponent !== undefined;
}
