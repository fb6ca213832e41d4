import { closestNames } from '../../schema/suggest.ts';
import type { Phase } from '../../schemes/phase.ts';
import { modelOf } from '../../schemes/lessons.ts';
import type { ConfigValue } from '../loose.ts';
import { phasesOf } from '../phases/phases.ts';
import { replaceFix } from '../report.ts';
import { keyPlace, nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import type { DataFacts } from './data.ts';
import { removeItemFix } from './fixes.ts';
import type { ResolvedModel } from './models.ts';

/** A class as a config names it: its label, or its name. */
export type WrittenClass = string | number;

const MOST_NAMED = 20;

/** Labels of the classes that a config names; null where one of them is none of the data's, or the data is not known. */
export function labelsOfClasses(
  written: readonly (WrittenClass | undefined)[],
  data: DataFacts | null,
): readonly number[] | null {
  if (data === null) return null;
  const labels = written.map((one) => labelOf(one, data.classNames));
  return labels.includes(null) || new Set(labels).size < labels.length ? null : (labels as readonly number[]);
}

function labelOf(written: WrittenClass | undefined, names: readonly string[]): number | null {
  if (written === undefined) return null;
  const label = typeof written === 'number' ? written : names.indexOf(written);
  return label >= 0 && label < names.length ? label : null;
}

/** How a class is written in a config: its name, in quotes where YAML would read something else. */
export function classText(name: string, label: number): string {
  if (name === String(label)) return name;
  return /^[A-Za-z][\w-]*$/.test(name) && !/^(true|false|null)$/i.test(name) ? name : JSON.stringify(name);
}

/** Each class of a model is one of the data's, and stands once. */
export function checkClassNames(
  model: string,
  written: readonly (WrittenClass | undefined)[],
  { classNames }: DataFacts,
  context: CheckContext,
): void {
  const path: Path = ['models', model, 'classes'];
  const list = nodeAt(context.tree, path);
  const seen = new Map<number, number>();
  written.forEach((one, index) => {
    const node = nodeAt(context.tree, [...path, index]);
    if (one === undefined || node === undefined) return;
    const label = labelOf(one, classNames);
    const first = label === null ? undefined : seen.get(label);
    if (label === null) {
      const close = closestClass(one, classNames);
      const shown = close === undefined ? '' : `; did you mean ${close}?`;
      context.report.add('KD2114', node.place, {
        message: `the data has no class ${typeof one === 'number' ? `number ${one}` : `"${one}"`}${shown}`,
        help: `Its classes, label 0 first: ${listed(classNames)}.`,
        fixes: close === undefined ? [] : [replaceFix(`Change to ${close}`, node.place, close)],
      });
    } else if (first !== undefined) {
      context.report.add('KD2115', node.place, {
        message: `the class "${classNames[label] ?? ''}" stands twice`,
        help: 'Name each class once; the order of the list is the order of the logits.',
        fixes: removeItemFix(list, index, 'Remove this class'),
      });
    } else seen.set(label, index);
  });
}

/** A number that is no label may be a name in digits. */
function closestClass(written: WrittenClass, names: readonly string[]): string | undefined {
  const [close] = names.includes(String(written))
    ? [String(written)]
    : typeof written === 'number'
      ? []
      : closestNames(written, names, 1);
  return close === undefined ? undefined : classText(close, names.indexOf(close));
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * Whoever speaks in a phase knows every class of who learns there, and all who learn know the same.
 *
 * @param value of a config without faults
 */
export function checkClasses(
  value: ConfigValue,
  models: ReadonlyMap<string, ResolvedModel>,
  context: CheckContext,
): void {
  const subset = [...models.values()].find(({ classes }) => classes !== null);
  if (subset === undefined) return;
  const place = keyPlace(context.tree, ['models', subset.name, 'classes']);
  const { book } = value.distill;
  if (book !== undefined && book !== false)
    context.report.add('KD2115', keyPlace(context.tree, ['distill', 'book']), {
      message: `a book holds answers to all samples, and ${subset.name} knows only some classes`,
      help: 'Leave `distill.book` out: for a student of some classes teachers answer live.',
    });
  const phases = phasesOf(value);
  for (const phase of phases) {
    const fault = faultOf(phase, phases, models);
    if (fault === null) continue;
    const { model, message, help } = fault;
    const node = nodeAt(context.tree, ['models', model, 'classes']);
    context.report.add('KD2115', node?.place ?? place, { message, help });
    return;
  }
}

function faultOf(
  { train, freeze, name }: Phase,
  phases: readonly Phase[],
  models: ReadonlyMap<string, ResolvedModel>,
): { readonly model: string; readonly message: string; readonly help: string } | null {
  const [first, ...peers] = train;
  if (first === undefined) return null;
  const classesOf = (model: string) => models.get(model)?.classes ?? null;
  const own = classesOf(first.model);
  const tails = train.flatMap(({ branches }) => (branches?.kind === 'tails' ? [branches.of] : []));
  const other = [...peers.map(({ model }) => model), ...tails].find(
    (model) => classesOf(model)?.join() !== own?.join(),
  );
  if (other !== undefined)
    return {
      model: own === null ? other : first.model,
      message: `${first.model} and ${other} learn together in the phase ${name}, but know different classes`,
      help: 'Give both the same `classes`, in the same order.',
    };
  for (const speaker of freeze.map((instance) => modelOf(phases, instance))) {
    const known = classesOf(speaker);
    const wanted =
      own ?? Array.from({ length: models.get(first.model)?.description.classes ?? 0 }, (_, k) => k);
    const missing = known === null ? [] : wanted.filter((label) => !known.includes(label));
    if (missing.length > 0)
      return {
        model: speaker,
        message: `${speaker} speaks to ${first.model} in the phase ${name}, but does not know ${missing.length === 1 ? 'the class' : 'the classes'} ${missing.slice(0, MOST_NAMED).join(', ')}`,
        help: 'A teacher knows every class of its student: give it these as well, or leave its `classes` out.',
      };
  }
  return null;
}
