import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Program } from '../../src/executors/executor.ts';
import { onnxCpu } from '../../src/executors/onnx-cpu.ts';
import { sessionsOf } from '../../src/executors/onnx-provider.ts';
import { nativeRuntime } from '../../src/executors/onnx-runtime.ts';
import { trace } from '../../src/compiler/trace.ts';
import { residualStep, type NetSize } from '../compiler/residual-net.ts';
import { smallExperiment, train, type SmallRun } from './small-run.ts';

const SIZE: NetSize = { batch: 16, size: 8, width: 16, classes: 5, blocksPerStage: 1, stages: 2 };
const executor = onnxCpu({ threads: 1, spinning: false });
const runtime = await nativeRuntime();

/** Runs `action` and counts the sessions that it makes. */
async function sessionsMade<T>(action: () => Promise<T>): Promise<{ made: number; result: T }> {
  const create = vi.spyOn(runtime.InferenceSession, 'create');
  const result = await action();
  const made = create.mock.calls.length;
  create.mockRestore();
  return { made, result };
}

function load(size: Partial<NetSize> = {}, optimizer: 'momentum' | 'adam' = 'momentum', on = executor) {
  const training = residualStep({ ...SIZE, ...size }, optimizer);
  const graph = trace('train', training.step, training.specs);
  return on.load({ train: graph }, training.state);
}

const { batch, hyper } = residualStep(SIZE, 'momentum');
const step = (program: Program, at: number) => program.run('train', { ...batch(at), ...hyper });

/** Some steps, and the state after them. */
async function trained(program: Program): Promise<unknown> {
  const said = [];
  for (let at = 0; at < 3; at++) said.push(await step(program, at));
  return { said, state: await program.readState() };
}

describe('a step that was compiled before', () => {
  const programs: Program[] = [];
  const loaded = async (...given: Parameters<typeof load>): Promise<Program> => {
    const program = await load(...given);
    programs.push(program);
    return program;
  };
  afterEach(async () => {
    for (const program of programs.splice(0)) await program.dispose();
    await sessionsOf(runtime).releaseIdle();
  });

  test('is not compiled again, and has the same numbers bit for bit', async () => {
    const first = await load();
    expect(first.compilation).toEqual({ graphs: 1, reused: 0 });
    const expected = await trained(first);
    await first.dispose();
    const { made, result: second } = await sessionsMade(() => loaded());
    expect([made, second.compilation]).toEqual([0, { graphs: 1, reused: 1 }]);
    expect(await trained(second)).toEqual(expected);
  });

  test('serves two programs at once, each with a state of its own', async () => {
    const expected = await trained(await loaded());
    const [left, right] = [await loaded(), await loaded()];
    await step(left, 5);
    expect(await trained(right)).toEqual(expected);
    await left.dispose();
    await step(right, 3);
  });

  test('is released when the program after it does not need it', async () => {
    await (await load()).dispose();
    expect(sessionsOf(runtime).size).toBe(1);
    await loaded({ width: 17 });
    expect(sessionsOf(runtime).size).toBe(1);
    expect((await loaded()).compilation?.reused).toBe(0);
  });

  test.each<[string, Parameters<typeof load>]>([
    ['another width', [{ width: 17 }]],
    ['another depth', [{ blocksPerStage: 2 }]],
    ['another batch', [{ batch: 15 }]],
    ['another optimizer', [{}, 'adam']],
    ['another number of threads', [{}, 'momentum', onnxCpu({ threads: 2, spinning: false })]],
    ['another form of its convolutions', [{}, 'momentum', onnxCpu({ threads: 1, spinning: false, blocked: false })]],
  ])('is compiled again for %s', async (_what, changed) => {
    await loaded();
    expect((await loaded(...changed)).compilation?.reused).toBe(0);
  }); // prettier-ignore
});

describe('a run', () => {
  const RUN: SmallRun = { epochs: 1, teacherEpochs: 1, train: 60, test: 20 };
  const run = async (changed: SmallRun) => {
    const made = await smallExperiment({ ...RUN, ...changed });
    return sessionsMade(() => train(made, { executor }));
  };

  test('compiles each phase once, for all of its seeds, and says so in the log', async () => {
    const [one, three] = [await run({ seeds: [1] }), await run({ seeds: [1, 2, 3] })];
    expect(three.result.outcome.results.phases).toHaveLength(7);
    expect(three.made).toBe(one.made);
    const lines = three.result.writer.lines.filter((line) => line.includes('graphs ready'));
    expect(lines).toHaveLength(3);
    for (const [at, phase] of ['teacher', 'student', 'baseline'].entries())
      expect(lines[at]).toMatch(new RegExp(`^${phase}, all seeds: \\d+ graphs ready in \\d+ ms`));
  });

  test('takes over from the phase before what is the same, and has the numbers of a run that compiles all', async () => {
    const { made, result } = await run({});
    const baseline = result.writer.lines.find((line) => line.startsWith('baseline, all seeds'));
    expect(baseline).toMatch(/, [1-9]\d* of them compiled before/);
    const never = vi.spyOn(sessionsOf(runtime), 'take').mockImplementation(async (_key, create) => {
      const session = await create();
      return { session, reused: false, release: () => session.release() };
    });
    const alone = await run({});
    never.mockRestore();
    expect(alone.made).toBeGreaterThan(made);
    expect(alone.result.writer.models).toEqual(result.writer.models);
    expect(alone.result.writer.lastVerdict).toEqual(result.writer.lastVerdict);
  });
});
