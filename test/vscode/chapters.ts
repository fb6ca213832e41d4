import { afterEach, beforeEach } from 'vitest';

/**
 * Each test of the file stands on the one before: after one that failed, the rest is skipped and says so.
 *
 * @param show keeps what is seen where one fails
 */
export function inChapters(show: () => Promise<void>): void {
  let brokenAt: string | undefined;

  beforeEach((context) => {
    if (brokenAt !== undefined) context.skip(`"${brokenAt}" failed before`);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    brokenAt = task.name;
    await show();
  });
}
