import { RunFollower } from '../../src/extension/panel/run-follower.ts';
import type { RunModel } from '../../src/extension/panel/run-model.ts';
import { RunDirectory } from '../../src/runs/index.ts';

/**
 * Opens a run as the panel does, in this process of its own. Prints how long it took until everything that was there had been
 * read and put into the message for the panel, and the largest memory of the process.
 */
const [directory = ''] = process.argv.slice(2);
const began = performance.now();
const run = new RunDirectory(directory);
let model: RunModel | null = null;
const bytes = await new Promise<number>((resolve, reject) => {
  const onCaughtUp = () => {
    // After what was yielded last has been taken.
    setImmediate(() => {
      const text = JSON.stringify(model?.snapshot() ?? null);
      follower.dispose();
      resolve(text.length);
    });
  };
  const follower = new RunFollower(
    {
      path: run.path,
      record: () => run.record(),
      status: (record) => run.status(record),
      failure: (record) => run.failure(record),
      follow: (options) => run.follow({ ...options, onCaughtUp }),
    },
    {
      onModel: (made) => (model = made),
      onChange: () => undefined,
      onLost: (reason) => reject(new Error(reason)),
    },
  );
});
const milliseconds = performance.now() - began;
if (bytes < 10_000) throw new Error(`a snapshot of ${bytes} characters holds no curves`);
console.log(JSON.stringify({ milliseconds, megabytes: process.resourceUsage().maxRSS / 1024, bytes }));
