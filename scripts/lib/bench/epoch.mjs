import { comparedRows } from './compared.mjs';
import { contest, timeOf } from './contest.mjs';
import { bundleBench, measureProcess } from './processes.mjs';
import { TARGETS } from './targets.mjs';
import { prepareWorkload, STUDENT, TEACHER } from './workloads.mjs';

const BATCH = 64;

/**
 * Epochs of distillation, ResNet-20 to ResNet-8: batches put together from images in memory, each in another order. From the
 * book: our teacher has answered before, into a book on disk that each process opens, while the peers' answers live. Live: the teacher answers other views each time.
 */
export const TASKS = [task('book', false, TARGETS.epochFromBook), task('live', true, TARGETS.epochLive)];

function task(name, augmented, targets) {
  return {
    names: [`kd-epoch/${name}`],
    async measure(context) {
      const folder = await prepareWorkload(`kd-epoch/${name}`, {
        ...{ kind: 'epoch', batch: BATCH, student: STUDENT, teacher: TEACHER, augmented },
      });
      if (!augmented) {
        const command = [await bundleBench('write-book'), folder, '--executor', context.executors[0]];
        await measureProcess([process.execPath, ...command]);
      }
      const result = await contest({
        ...{ name: `kd-epoch/${name}`, ours: folder, kind: 'epoch', convolutional: true, ...context },
      });
      return comparedRows(name, result, [{ prefix: 'kd-epoch', unit: 'ms', value: timeOf, targets }]);
    },
  };
}
