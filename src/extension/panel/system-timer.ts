import type { Timer } from './feed.ts';

export const systemTimer: Timer = {
  now: () => performance.now(),
  after: (milliseconds, call) => {
    const handle = setTimeout(call, milliseconds);
    return () => clearTimeout(handle);
  },
};
