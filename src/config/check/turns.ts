import type { ConfigValue } from '../loose.ts';
import { phasesOf } from '../phases/phases.ts';
import { replaceFix } from '../report.ts';
import { nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';

/**
 * Gradients are added up over batches that follow one another, and in turns the next batch is somebody else's.
 *
 * @param value of a config without faults
 */
export function checkTurns(value: ConfigValue, { tree, report }: CheckContext): void {
  for (const { name, alternate, settingsOf } of phasesOf(value)) {
    // Steps on validation come between those of training, and not between batches that belong together.
    if (alternate === undefined || alternate.every(({ on }, index) => on !== undefined || index === 0))
      continue;
    const own: Path =
      'model' in settingsOf ? ['models', settingsOf.model, 'train', 'gradientAccumulation'] : [];
    const node =
      (own.length === 0 ? undefined : nodeAt(tree, own)) ?? nodeAt(tree, ['train', 'gradientAccumulation']);
    if (node?.kind !== 'scalar' || node.value === 1) continue;
    report.add('KD2217', node.place, {
      message: `the phase ${name} takes turns, and gradients cannot be added up from one turn to the next`,
      help: 'Use a larger batch in place of gradientAccumulation.',
      fixes: [replaceFix('Change to 1', node.place, '1')],
    });
    return;
  }
}
