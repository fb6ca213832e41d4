import { concreteField, fieldAt } from '../schema/navigate.ts';
import { experimentField } from '../schema/experiment.ts';
import { plain } from '../schema/words.ts';
import { replaceFix } from '../report.ts';
import { nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import { numberFault } from './values.ts';

type Settings = Readonly<Record<string, unknown>>;

/**
 * What a schedule makes of its numbers stays within the bounds of what it schedules: `step` may leave them by its factor,
 * from · factor^(milestones reached), and others may fade to a bound that stands for infinity, as a temperature of 0 does.
 *
 * @param at place of the schedule's settings
 * @param epochs of the training, where they are known
 */
export function checkReach(
  word: string,
  settings: Settings,
  at: Path,
  epochs: number | undefined,
  context: CheckContext,
): void {
  // A rate may fade to nothing, and may leave its bounds for what habit calls unusual.
  const fades = at.includes('learningRate');
  if (word === 'step') checkSteps(settings, at, epochs, context, fades);
  if (fades) return;
  if (word === 'warmUp' && excludesZero(context, [...at, 'then'])) {
    report(
      context,
      at,
      'it begins at 0, which this parameter must not reach',
      'Use linear, from a value above 0.',
    );
  } else if ((word === 'linear' || word === 'cosine') && settings['to'] === 0) {
    if (excludesZero(context, [...at, 'from']))
      report(context, [...at, 'to'], 'it ends at 0, which this parameter must not reach', 'End above 0.');
  }
}

function checkSteps(
  { from, factor, milestones, unit }: Settings,
  at: Path,
  epochs: number | undefined,
  context: CheckContext,
  fades: boolean,
): void {
  if (typeof from !== 'number' || typeof factor !== 'number' || !Array.isArray(milestones)) return;
  const reached = milestones.filter(
    (milestone) => unit === 'steps' || epochs === undefined || Number(milestone) < epochs,
  ).length;
  const last = Math.fround(from * factor ** reached);
  const field = numberAt(context, [...at, 'from']);
  const fault = field === null ? null : numberFault(field, last);
  if (fault === null || (fades && factor < 1)) return;
  const node = nodeAt(context.tree, [...at, 'factor']);
  context.report.add('KD2004', (node ?? nodeAt(context.tree, at) ?? context.tree).place, {
    message: `after ${reached} milestones the value is ${plain(from)} · ${plain(factor)}^${reached}: ${fault}`,
    help: factor > 1 ? 'Use a factor below 1, or fewer milestones.' : 'Use fewer milestones.',
    fixes:
      node === undefined || factor <= 1
        ? []
        : [replaceFix(`Change to ${plain(1 / factor)}`, node.place, plain(1 / factor))],
  });
}

function numberAt(context: CheckContext, path: Path) {
  const field = fieldAt(experimentField, context.tree, path);
  const concrete = field === undefined ? undefined : concreteField(field, nodeAt(context.tree, path));
  return concrete?.kind === 'number' ? concrete : null;
}

function excludesZero(context: CheckContext, path: Path): boolean {
  const field = fieldAt(experimentField, context.tree, path);
  return field?.kind === 'number' && field.exclusiveMinimum === 0;
}

function report(context: CheckContext, at: Path, message: string, help: string): void {
  const node = nodeAt(context.tree, at);
  if (node !== undefined) context.report.add('KD2004', node.place, { message, help });
}
