import { describe, expect, it } from 'vitest';
import { WorkClock } from '../../src/training/work-clock.ts';

/** A clock that is set by hand. */
class HandClock extends WorkClock {
  static milliseconds = 0;

  override now(): number {
    return HandClock.milliseconds;
  }
}

const minute = 60_000;

function clockWith({ epochs = 1, minutes = 1, share = 0.02 } = {}) {
  HandClock.milliseconds = 5000;
  return new HandClock(100, 0, { every: { epochs, minutes }, share });
}

/** Some time of work. */
const pass = (milliseconds: number) => (HandClock.milliseconds += milliseconds);

function write(clock: WorkClock, milliseconds: number) {
  const began = clock.now();
  pass(milliseconds);
  clock.checkpointWritten(began);
}

describe('the clock of a run', () => {
  it('lets a checkpoint wait until one more like the last stays within its share of the time', () => {
    const clock = clockWith({ share: 0.02 });
    expect(clock.epochCheckpointIsDue(1)).toBe(true);
    write(clock, 100);
    expect(clock.epochCheckpointIsDue(2)).toBe(false);
    // Two of 100 ms are 2 % of 10 s.
    pass(9899);
    expect(clock.epochCheckpointIsDue(3)).toBe(false);
    pass(1);
    expect(clock.epochCheckpointIsDue(4)).toBe(true);
  });

  it('keeps what checkpoints cost within their share, however short epochs are', () => {
    const clock = clockWith({ share: 0.02 });
    for (let epoch = 1; epoch <= 5000; epoch++) {
      pass(10);
      if (clock.epochCheckpointIsDue(epoch)) write(clock, 5 + (epoch % 3));
    }
    const { seconds, checkpoints, checkpointSeconds } = clock.spent();
    expect(checkpointSeconds / seconds).toBeLessThan(0.021);
    expect(checkpointSeconds / seconds).toBeGreaterThan(0.015);
    expect(checkpoints).toBeGreaterThan(100);
  });

  it('counts one between two jobs, which tells nothing of what the next one takes', () => {
    const clock = clockWith({ share: 0.02 });
    write(clock, 10);
    const began = clock.now();
    pass(90);
    clock.checkpointBetween(began);
    expect(clock.spent()).toEqual({ seconds: 0.1, checkpoints: 2, checkpointSeconds: 0.1 });
    // 100 ms so far and one more of 10 ms are 2 % of 5.5 s.
    pass(5399);
    expect(clock.epochCheckpointIsDue(2)).toBe(false);
    pass(1);
    expect(clock.epochCheckpointIsDue(3)).toBe(true);
  });

  it('knows no limit where the share is all of the time', () => {
    const clock = clockWith({ share: 1 });
    write(clock, 100);
    expect(clock.epochCheckpointIsDue(1)).toBe(true);
  });

  it('asks for one every so many epochs, and every so many minutes between', () => {
    const clock = clockWith({ epochs: 3, minutes: 2 });
    expect([1, 2, 3, 4, 6].map((epoch) => clock.epochCheckpointIsDue(epoch))).toEqual([
      false,
      false,
      true,
      false,
      true,
    ]);
    pass(2 * minute - 1);
    expect(clock.checkpointIsDue()).toBe(false);
    pass(1);
    expect(clock.checkpointIsDue()).toBe(true);
  });

  it('does not count a pause as time of the run', () => {
    const clock = clockWith();
    write(clock, 100);
    const paused = clock.now();
    pass(60 * minute);
    clock.goOn(paused);
    expect(clock.epochCheckpointIsDue(1)).toBe(false);
    expect(clock.spent()).toEqual({ seconds: 0.1, checkpoints: 1, checkpointSeconds: 0.1 });
  });
});
