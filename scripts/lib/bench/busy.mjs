import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { comparedRows } from './compared.mjs';
import { contest, timeOf } from './contest.mjs';
import { TARGETS } from './targets.mjs';
import { prepareWorkload, STUDENT } from './workloads.mjs';

const NAME = 'resnet8/64';
const FOREVER = 'for (;;) ;';

/** The training step of ResNet-8 while another program keeps every core busy. */
export const TASKS = [
  {
    names: [`busy/${NAME}`],
    async measure(context) {
      const folder = await prepareWorkload(`busy/${NAME}`, { kind: 'step', batch: 64, student: STUDENT });
      const others = Array.from({ length: availableParallelism() }, () =>
        spawn(process.execPath, ['-e', FOREVER], { stdio: 'ignore' }),
      );
      try {
        const result = await contest({
          ...{
            name: `busy/${NAME}`,
            ours: folder,
            kind: 'step',
            convolutional: true,
            busy: true,
            ...context,
          },
        });
        return comparedRows(NAME, result, [
          { prefix: 'busy', unit: 'ms', value: timeOf, targets: TARGETS.busy },
        ]);
      } finally {
        for (const child of others) child.kill('SIGKILL');
      }
    },
  },
];
