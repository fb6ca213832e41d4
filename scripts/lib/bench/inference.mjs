import { comparedRows } from './compared.mjs';
import { contest, timeOf } from './contest.mjs';
import { TARGETS } from './targets.mjs';
import { prepareWorkload, STUDENT } from './workloads.mjs';

/** Answers of a trained ResNet-8 to one image and to 64, from images in memory to logits in memory. */
export const TASKS = [1, 64].map((batch) => ({
  names: [`inference/resnet8/${batch}`],
  async measure(context) {
    const name = `resnet8/${batch}`;
    const folder = await prepareWorkload(`inference/${name}`, { kind: 'inference', batch, student: STUDENT });
    const result = await contest({
      ...{ name: `inference/${name}`, ours: folder, kind: 'inference', convolutional: true, ...context },
    });
    return comparedRows(name, result, [
      { prefix: 'inference', unit: 'ms', value: timeOf, targets: TARGETS.inference },
    ]);
  },
}));
