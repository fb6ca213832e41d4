import type { LooseConfig } from '../loose.ts';
import { nodeAt, type Path } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';

/** Class weights against the classes of the data, and how often batches are mixed. */
export function checkLabels(
  settings: LooseConfig['train'] | undefined,
  path: Path,
  classes: number | null,
  { tree, report }: CheckContext,
): void {
  const weights = settings?.classWeights;
  const atWeights = nodeAt(tree, [...path, 'classWeights']);
  if (Array.isArray(weights) && classes !== null && weights.length !== classes && atWeights !== undefined) {
    report.add('KD2420', atWeights.place, {
      message: `${weights.length} weights for ${classes} classes`,
      help: `List ${classes}, label 0 first, or write \`balanced\`.`,
    });
  }
  const [mixup, cutmix] = [settings?.mixup, settings?.cutmix];
  if (typeof mixup !== 'object' || typeof cutmix !== 'object') return;
  const sum = (mixup.probability ?? 0) + (cutmix.probability ?? 0);
  const at = nodeAt(tree, [...path, 'cutmix']) ?? nodeAt(tree, [...path, 'mixup']);
  if (sum <= 1 || at === undefined) return;
  report.add('KD2421', at.place, {
    message: `mixup and cutmix would act on ${sum} of all batches`,
    help: 'Give each a `probability`, for instance 0.5.',
  });
}
