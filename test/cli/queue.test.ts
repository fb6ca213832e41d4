import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunQueue, type RunDirectory } from '../../src/runs/index.ts';
import { lockHolder } from '../../src/runs/lock.ts';
import { bundleCommandLine } from '../process/build.ts';
import { until } from '../process/harness.ts';
import { eachWithWorkplace } from './each-with-workplace.ts';
import { endWorker, jsonLines, Workplace } from './kd-process.ts';

const SHORT = { steps: 6, stepMilliseconds: 1 };
const SLOW = { steps: 12, stepMilliseconds: 40 };
const LONG = { steps: 100_000 };

let bundles = '';
let place: Workplace;
let queue: RunQueue;
eachWithWorkplace(bundleCommandLine, (made, folder) => {
  [place, bundles] = [made, folder];
  queue = new RunQueue(place.store);
});

async function add(names: readonly string[], settings: object): Promise<string[]> {
  const { code, stdout, stderr } = await place.kd(['queue', 'add', ...names, '--json'], settings);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return jsonLines(stdout).map(({ run }) => String(run));
}

const three = ['good.kd.yaml', 'good.kd.yaml', 'good.kd.yaml'];
const statuses = (ids: readonly string[]) => ids.map((id) => place.store.open(id).status());
const untilAll = (ids: readonly string[], status: string) =>
  until(`${ids.join(', ')} to be ${status}`, () => statuses(ids).every((one) => one === status));

/** How many of the runs worked at the same time, at most. */
function mostAtOnce(ids: readonly string[]): number {
  return mostOf(ids.map((id) => place.store.open(id)));
}

function mostOf(runs: readonly RunDirectory[]): number {
  const times = runs.map((run) => run.record());
  return Math.max(
    ...times.map(
      ({ startedAt: at = '' }) =>
        times.filter(({ startedAt = '', finishedAt = '' }) => startedAt <= at && at < finishedAt).length,
    ),
  );
}

describe('kd queue', () => {
  it('runs what waits one after another, in order, in the background', async () => {
    const ids = await add(three, SHORT);
    await untilAll(ids, 'completed');
    const started = ids.map((id) => place.store.open(id).record().startedAt ?? '');
    expect([...started].sort()).toEqual(started);
    expect(mostAtOnce(ids)).toBe(1);
    await until('the worker to end', () => lockHolder(queue.folder) === null);
    expect(queue.state).toMatchObject({ order: [], started: [] });
  });

  it('is one run for each seed where that is asked for', async () => {
    const { stdout } = await place.kd(
      ['queue', 'add', 'good.kd.yaml', '--seeds', '4,5', '--each-seed', '--json'],
      SHORT,
    );
    const ids = jsonLines(stdout).map(({ run }) => String(run));
    expect(ids.map((id) => place.store.open(id).record().seeds)).toEqual([[4], [5]]);
    await untilAll(ids, 'completed');
  });

  it('lists, moves and takes out what waits, and stops what works', async () => {
    const [first = '', second = '', third = ''] = await add(three, LONG);
    await until('the first to work', () => place.store.open(first).status() === 'running');
    expect((await place.kd(['queue', 'order', third, '1'])).stdout).toContain('place 1');
    const [list] = jsonLines((await place.kd(['queue', 'list', '--json'])).stdout);
    expect(list).toMatchObject({
      parallel: 1,
      memoryMegabytes: null,
      items: [
        { run: first, place: 0, status: 'running' },
        { run: third, place: 1, status: 'queued' },
        { run: second, place: 2, status: 'queued' },
      ],
    });
    expect((await place.kd(['queue', 'cancel', second])).stdout).toContain('out of the queue');
    expect(place.store.open(second).status()).toBe('stopped');
    expect((await place.kd(['queue', 'cancel', third])).code).toBe(0);
    expect((await place.kd(['queue', 'cancel', third])).stderr).toContain('KD5029');
    expect((await place.kd(['queue', 'cancel', first])).stdout).toContain('stops after its step');
    await untilAll([first], 'stopped');
    // Its worker takes it out a moment later.
    await until('the worker to end', () => lockHolder(queue.folder) === null);
    expect((await place.kd(['queue', 'list'])).stdout).toContain('nothing waits');
  });

  it('survives the end of everything: what worked goes on from its checkpoint, then what waited', async () => {
    // Seconds are left when it has a checkpoint, so that it cannot have ended before it is killed.
    const ids = await add(three, { ...SLOW, checkpointEvery: 2, stepMilliseconds: 1000 });
    const first = place.store.open(ids[0] ?? '');
    await until('a checkpoint', () => first.events().some(({ kind }) => kind === 'checkpoint'));
    await endWorker(queue);
    process.kill(first.record().process?.pid ?? 0, 'SIGKILL');
    await until('everything to be gone', () => lockHolder(queue.folder) === null && !first.isAlive());
    expect(statuses(ids)).toEqual(['interrupted', 'queued', 'queued']);
    await place.kd(['queue', 'list'], SLOW);
    await untilAll(ids, 'completed');
    expect(first.events().some(({ kind, seq }) => kind === 'resume' && (seq ?? 0) > 0)).toBe(true);
    expect(mostAtOnce(ids)).toBe(1);
  });

  it('leaves a run that failed to be retried by hand, and goes on with the next', async () => {
    const [failing = ''] = await add(['good.kd.yaml'], { ...SHORT, fault: 'exit' });
    await untilAll([failing], 'interrupted');
    await until('the reason', () => place.store.open(failing).record().failure?.code === 'KD5021');
    await until('the worker to end', () => lockHolder(queue.folder) === null);
    const [next = ''] = await add(['good.kd.yaml'], SHORT);
    await untilAll([next], 'completed');
    expect(statuses([failing])).toEqual(['interrupted']);
    expect((await place.kd(['queue', 'retry', failing], SHORT)).code).toBe(0);
    await untilAll([failing], 'completed');
  });

  it('runs as many at a time as it is told, where the memory budget has room', async () => {
    expect((await place.kd(['queue', 'limit', '--parallel', '2'])).stdout).toContain('2 at a time');
    const together = await add(three.slice(1), { ...SLOW, stepMilliseconds: 200 });
    await untilAll(together, 'completed');
    expect(mostAtOnce(together)).toBe(2);
    // Nothing was measured of these, so each is taken to need a thousand.
    await place.kd(['queue', 'limit', '--memory', '1500']);
    const apart = await add(three.slice(1), SLOW);
    await untilAll(apart, 'completed');
    expect(mostAtOnce(apart)).toBe(1);
  });

  it('waits for a run that was started by hand; another by hand is refused, or runs beside', async () => {
    const { ended } = place.start(['run', 'good.kd.yaml'], LONG);
    await until('a running run', () => place.store.list().some(({ status }) => status === 'running'));
    const byHand = place.store.open('latest');
    const refused = await place.kd(['run', 'good.kd.yaml']);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/KD5027 .*kd queue add/s) as string,
    });
    expect(place.store.list()).toHaveLength(1);
    expect((await place.kd(['run', 'good.kd.yaml', '--beside'], SHORT)).code).toBe(0);
    const [waiting = ''] = await add(['good.kd.yaml'], SHORT);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(statuses([waiting])).toEqual(['queued']);
    await place.kd(['stop', byHand.id]);
    await untilAll([waiting], 'completed');
    expect((await ended).code).toBe(3);
  });

  it('queues nothing where a config has an error', async () => {
    place.write('bad.kd.yaml', 'name: Bad\ntrian: 1\n');
    const { code, stderr } = await place.kd(['queue', 'add', 'good.kd.yaml', 'bad.kd.yaml']);
    expect({ code, runs: place.store.list() }).toEqual({ code: 1, runs: [] });
    expect(stderr).toContain('nothing was queued');
    expect((await place.kd(['queue', 'order', 'x', '0'])).code).toBeGreaterThan(0);
  });
});

describe('kd in two folders', () => {
  let other: Workplace;
  beforeEach(() => {
    other = new Workplace(bundles);
  });
  afterEach(() => other.dispose());

  it('trains in one at a time: the other is told of it, waits in its queue, or runs beside', async () => {
    const { ended } = other.start(['run', 'good.kd.yaml'], LONG);
    await until('a running run', () => other.store.list().some(({ status }) => status === 'running'));
    const theirs = other.store.open('latest');
    const pid = theirs.record().process?.pid ?? 0;
    const words = `run ${theirs.id} of ${other.folder} (pid ${pid})`;
    const refused = await place.kd(['run', 'good.kd.yaml']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`${words} is working on this machine already`);
    expect(refused.stderr).toMatch(/kd queue add FILE.*--beside/);
    expect(place.store.list()).toEqual([]);
    expect((await place.kd(['run', 'good.kd.yaml', '--beside'], SHORT)).code).toBe(0);
    const [waiting = ''] = await add(['good.kd.yaml'], SHORT);
    expect((await place.kd(['queue', 'list'])).stdout).toContain(`${words} works on this machine too`);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(statuses([waiting])).toEqual(['queued']);
    await other.kd(['stop', theirs.id]);
    await untilAll([waiting], 'completed');
    expect((await ended).code).toBe(3);
    expect((await place.kd(['run', 'good.kd.yaml'], SHORT)).code).toBe(0);
  });

  it('works on their two queues in turns', async () => {
    const names = three.slice(1);
    const queued = await Promise.all(
      [place, other].map((one) => one.kd(['queue', 'add', ...names, '--json'], SHORT)),
    );
    const runs = [place, other].flatMap((one, at) =>
      jsonLines(queued[at]?.stdout ?? '').map(({ run }) => one.store.open(String(run))),
    );
    expect(runs).toHaveLength(4);
    await until('all to be complete', () => runs.every((run) => run.status() === 'completed'));
    expect(mostOf(runs)).toBe(1);
  });
});
