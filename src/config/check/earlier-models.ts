import { nodeAt } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import type { DataFacts } from './data.ts';
import type { ResolvedModel } from './models.ts';

/** Models of earlier runs were made for some images and classes; the data has to be of that kind. */
export function checkEarlierModels(
  models: ReadonlyMap<string, ResolvedModel>,
  data: DataFacts | null,
  context: CheckContext,
): void {
  if (data === null) return;
  for (const { name, earlier, description } of models.values()) {
    const node = nodeAt(context.tree, ['models', name, 'run']);
    if (earlier === null || node === undefined) continue;
    const { classes, shape, parameters } = earlier;
    if (classes !== null && classes !== data.classes) {
      context.report.add('KD2207', node.place, {
        message: `${name} (run ${earlier.run}) tells ${classes} classes apart, but the data has ${data.classes}`,
        help: 'Use a run on data with the same classes.',
      });
    } else if (shape !== null && shape.join() !== data.shape.join()) {
      context.report.add('KD2208', node.place, {
        message: `${name} (run ${earlier.run}) reads images of ${shape.join('x')}, but the data has ${data.shape.join('x')}`,
        help: 'Use a run on images of the same size, or set data.size.',
      });
    } else if (parameters !== null && parameters !== description.parameters) {
      context.report.add('KD2207', node.place, {
        message: `${name} (run ${earlier.run}) has ${parameters} parameters, but for this data it would have ${description.parameters}`,
        help: 'It was made for other classes or other images; use a run on data of the same kind.',
      });
    }
  }
}
