import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { MachineLoad } from '../../src/engine/idle.ts';

const cores = availableParallelism();

/** A machine on which others keep a share of the cores busy, and this process another. */
function machine() {
  const work = { all: 0, own: 0, time: 0 };
  return {
    measure: () => ({ ...work }),
    pass: (milliseconds: number, others: number, own = 0) => {
      work.time += milliseconds;
      work.own += own * cores * milliseconds;
      work.all += (own + others) * cores * milliseconds;
    },
  };
}

test('a machine is busy by the work of others, never by its own', () => {
  const { measure, pass } = machine();
  const load = new MachineLoad(measure, 0, measure());
  pass(5000, 0, 1);
  expect(load.isBusy()).toBe(false);
  pass(5000, 0.5, 0.5);
  expect(load.isBusy()).toBe(true);
});

test('between busy and idle nothing changes, and a moment is too short to tell', () => {
  const { measure, pass } = machine();
  const load = new MachineLoad(measure, 0, measure());
  pass(100, 1);
  expect(load.isBusy()).toBe(false);
  pass(4900, 0.5);
  expect(load.isBusy()).toBe(true);
  pass(5000, 0.2);
  expect(load.isBusy()).toBe(true);
  pass(5000, 0.05);
  expect(load.isBusy()).toBe(false);
  pass(5000, 0.2);
  expect(load.isBusy()).toBe(false);
});

test('at the start the work of others since the process began tells, whatever the last minute was like', () => {
  const { measure, pass } = machine();
  const began = measure();
  pass(400, 0, 0.5);
  expect(new MachineLoad(measure, cores, began).isBusy()).toBe(false);
  pass(400, 1);
  expect(new MachineLoad(measure, 0, began).isBusy()).toBe(true);
});

test('where that was a moment ago or tells neither way, the load of the last minute tells', () => {
  const { measure, pass } = machine();
  const began = measure();
  for (const milliseconds of [0, 400]) {
    pass(milliseconds, 0.2);
    expect(new MachineLoad(measure, cores, began).isBusy()).toBe(true);
    expect(new MachineLoad(measure, 0, began).isBusy()).toBe(false);
  }
});
