import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleCommandLine } from '../process/build.ts';
import { until } from '../process/harness.ts';
import { eachWithWorkplace } from './each-with-workplace.ts';
import { jsonLines, type Workplace } from './kd-process.ts';

let place: Workplace;
eachWithWorkplace(bundleCommandLine, (made) => {
  place = made;
});

const LONG = { steps: 100_000 };

async function untilRunning() {
  await until('a running run', () => place.store.list().some(({ status }) => status === 'running'));
  return place.store.open('latest');
}

describe('kd run', () => {
  it('prints the stream as JSON, one object a line: started, metrics without gaps, finished', async () => {
    const { code, stdout, stderr } = await place.kd(['run', 'good.kd.yaml', '--json']);
    const records = jsonLines(stdout);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(records[0]).toMatchObject({
      type: 'started',
      run: place.store.open('latest').id,
      executor: 'stand-in',
    });
    expect(records.at(-1)).toMatchObject({ type: 'finished', status: 'completed', results: { phases: [] } });
    const metrics = records.filter(({ type }) => type === 'metrics');
    expect(metrics.map(({ seq }) => seq)).toEqual(metrics.map((_, i) => i));
    expect(metrics[0]).toMatchObject({
      phase: 'teacher',
      seed: 1,
      epoch: 0,
      step: 1,
      split: 'train',
      values: {},
    });
    expect(records.some(({ type, kind }) => type === 'event' && kind === 'checkpoint')).toBe(true);
  });

  it('prints plain lines without a terminal, no colours and no repainting', async () => {
    const { code, stdout } = await place.kd(['run', 'good.kd.yaml']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('teacher is trained');
    expect(stdout).toContain(place.store.open('latest').path);
  });

  it('records changes and seeds with the run', async () => {
    const { code } = await place.kd(['run', 'good.kd.yaml', '--set', 'train.epochs=3', '--seeds', '4,5']);
    const run = place.store.open('latest');
    expect(code).toBe(0);
    expect(run.record()).toMatchObject({ overrides: ['train.epochs=3'], seeds: [4, 5] });
    expect(run.config()).toMatch(/epochs: 3/);
  });

  it('starts nothing where the config has an error, and shows line and next step', async () => {
    place.write('bad.kd.yaml', 'name: Bad\ndata: { format: idx }\ntrian: { epochs: 1 }\n');
    const { code, stdout, stderr } = await place.kd(['run', 'bad.kd.yaml']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /bad\.kd\.yaml:3:1: error KD\d{4}: .*trian.*\n {2}3 \| trian: .*\n {4}\| \^{5}\n {2}next: /,
    );
    expect(existsSync(place.store.folder)).toBe(false);
  });

  it('stops gracefully at the first interrupt and can be resumed with the records that follow', async () => {
    const { child, ended } = place.start(['run', 'good.kd.yaml', '--json'], LONG);
    const run = await untilRunning();
    await until('some records', () => run.metrics().length > 20);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(3);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'finished', status: 'stopped' });
    const known = run.metrics().length;
    const resumed = await place.kd(['resume', 'latest', '--json'], {
      steps: known + 30,
      stepMilliseconds: 0,
    });
    const records = jsonLines(resumed.stdout);
    const metrics = records.filter(({ type }) => type === 'metrics');
    expect(resumed.code).toBe(0);
    expect(records[0]).toMatchObject({ type: 'started', run: run.id });
    expect(metrics[0]).toMatchObject({ seq: known });
    expect(records.at(-1)).toMatchObject({ type: 'finished', status: 'completed' });
  });

  it('ends at once at the second interrupt, with the last checkpoint kept', async () => {
    // One step takes so long that the graceful stop does not come first.
    const { child, ended } = place.start(['run', 'good.kd.yaml'], { ...LONG, stepMilliseconds: 60_000 });
    const run = await untilRunning();
    child.kill('SIGINT');
    await until('the stop to be asked', () => run.stopRequested);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(run.status()).toBe('stopped');
    expect(run.isAlive()).toBe(false);
  });

  it('returns with --detach while the engine goes on', async () => {
    const { code, stdout } = await place.kd(['run', 'good.kd.yaml', '--detach', '--json'], LONG);
    const run = place.store.open('latest');
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ type: 'started', run: run.id }]);
    expect(run.status()).toBe('running');
    const stop = await place.kd(['stop', run.id, '--json']);
    expect(jsonLines(stop.stdout)).toMatchObject([{ run: run.id, outcome: 'socket' }]);
    await until('the stop', () => run.status() === 'stopped');
  });

  it('is paused and goes on by commands, and stops within a time', async () => {
    await place.kd(['run', 'good.kd.yaml', '--detach'], LONG);
    const run = place.store.open('latest');
    const pause = await place.kd(['pause', run.id, '--json']);
    expect(jsonLines(pause.stdout)).toMatchObject([{ run: run.id }]);
    await until('the pause', () => run.status() === 'paused');
    const known = run.metrics().length;
    await place.kd(['resume', run.id, '--detach']);
    await until('more records', () => run.metrics().length > known);
    const stop = await place.kd(['stop', run.id, '--within', '20', '--json']);
    expect(jsonLines(stop.stdout)).toEqual([{ run: run.id, outcome: 'asked', status: 'stopped' }]);
    expect((await place.kd(['pause', run.id])).stdout).toContain('is not running');
    expect(await place.kd(['stop', run.id, '--within', 'soon'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--within 30') as string,
    });
  });

  it('exits with 1 and a report where the engine dies', async () => {
    const { code, stdout } = await place.kd(['run', 'good.kd.yaml'], { fault: 'exit' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/KD5021 .*exit code 77/);
    expect(stdout).toMatch(/next: .*kd resume/);
    expect(place.store.open('latest').status()).toBe('interrupted');
  });

  it('begins the stream with started and ends it with finished also where a run fails before it trains', async () => {
    const { code, stdout } = await place.kd(['run', 'good.kd.yaml', '--json'], { fault: 'early' });
    expect(code).toBe(1);
    expect(jsonLines(stdout).map(({ type }) => type)).toEqual(['started', 'finished']);
    expect(place.store.open('latest').record().failure).toMatchObject({ code: 'KD3001', help: 'find it' });
  });

  it('exits with 1 where the run fails', async () => {
    const { code, stdout, stderr } = await place.kd(['run', 'good.kd.yaml'], { fault: 'defect' });
    expect(code).toBe(1);
    expect(stdout).toContain('KD5000');
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
  });
});

describe('kd with finished runs', () => {
  it('lists, shows, logs and removes them', async () => {
    await place.kd(['run', 'good.kd.yaml']);
    const { id, path } = place.store.open('latest');
    const list = jsonLines((await place.kd(['runs', '--json'])).stdout)[0];
    expect(list).toMatchObject({ runs: [{ id, status: 'completed', directory: path }] });
    expect(JSON.stringify(list)).not.toContain('token');
    expect((await place.kd(['runs'])).stdout).toContain(id);
    const shown = jsonLines((await place.kd(['show', 'latest', '--json'])).stdout)[0];
    expect(shown).toMatchObject({ id, name: 'Good', status: 'completed', verdict: null });
    expect((await place.kd(['log', id.slice(0, 12)])).stdout).toContain('stand-in for');
    expect((await place.kd(['log', 'latest', '--follow'])).stdout).toContain('student is trained');
    const resumed = await place.kd(['resume', id]);
    expect(resumed).toMatchObject({ code: 1, stderr: expect.stringContaining('KD5016') as string });
    expect((await place.kd(['rm', id, 'nothing'])).code).toBe(1);
    expect(existsSync(path)).toBe(true);
    const removed = await place.kd(['rm', id, '--json']);
    expect(jsonLines(removed.stdout)).toEqual([{ run: id, trash: join(place.folder, '.kd', 'trash', id) }]);
    expect(readdirSync(place.store.folder)).toEqual([]);
  });
});

describe('kd check', () => {
  it('prints diagnostics as the interface says, and its exit code tells whether there are errors', async () => {
    place.write('bad.kd.yaml', 'name: Bad\ntrian: 1\n');
    const { code, stdout } = await place.kd(['check', 'good.kd.yaml', 'bad.kd.yaml', '--json']);
    expect(code).toBe(1);
    const [answer] = jsonLines(stdout) as unknown as [
      { files: { file: string; diagnostics: { code: string }[] }[] },
    ];
    expect(answer.files.map(({ file }) => file)).toEqual(['good.kd.yaml', 'bad.kd.yaml']);
    expect(answer.files[0]?.diagnostics).toEqual([]);
    expect(answer.files[1]?.diagnostics).toContainEqual(
      expect.objectContaining({
        range: { start: { line: 1, character: 0 }, end: { line: 1, character: 5 } },
        severity: 'error',
        code: expect.stringMatching(/^KD[12]\d{3}$/) as string,
        message: expect.stringContaining('trian') as string,
        help: expect.any(String) as string,
        fixes: expect.any(Array) as unknown[],
      }),
    );
    expect((await place.kd(['check', 'good.kd.yaml'])).code).toBe(0);
  });

  it.each([
    ['an empty file', ''],
    ['tabs', 'name:\tx\n\tdata: 1\n'],
    ['twice the same key', 'name: a\nname: b\n'],
    ['a tag that would run code', 'name: !!js/function "x"\n'],
    ['an alias bomb', `a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [${'*c, '.repeat(2000)}*c]\n`],
    ['deep nesting', `a: ${'['.repeat(5000)}${']'.repeat(5000)}\n`],
    ['five megabytes', `a: ${'x'.repeat(5 * 1024 * 1024)}\n`],
    [
      'a path out of the workspace',
      'data: { format: idx, train: { inputs: ../../etc/passwd, labels: x } }\n',
    ],
    ['no text at all', '\u0000\u0001\u0002\u0003'],
  ])('meets %s with diagnostics, never with a stack trace', async (_, text) => {
    place.write('hostile.kd.yaml', text);
    const { code, stdout, stderr } = await place.kd(['check', 'hostile.kd.yaml', '--json']);
    expect(code).toBe(1);
    expect(stderr).toBe('');
    const [answer] = jsonLines(stdout) as unknown as [{ files: { diagnostics: { help: string }[] }[] }];
    expect(answer.files[0]?.diagnostics.length).toBeGreaterThan(0);
  });
});

describe('wrong usage', () => {
  it.each([
    ['an unknown command', ['fly']],
    ['an unknown option', ['runs', '--fast']],
    ['a missing argument', ['run']],
    ['a file that is not there', ['run', 'nowhere.kd.yaml']],
    ['a file to check that is not there', ['check', 'nowhere.kd.yaml']],
    ['seeds that are none', ['run', 'good.kd.yaml', '--seeds', '1,x']],
    ['an unknown method', ['methods', 'kdd']],
    ['an unknown template', ['new', 'sub', '--template', 'nope']],
  ])('%s exits with 2 and says what to do', async (_, args) => {
    const { code, stdout, stderr } = await place.kd(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/next: |--help|Usage: /);
  });

  it('of a run that is unknown exits with 1', async () => {
    expect(await place.kd(['show', 'nothing'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('KD5001') as string,
    });
  });

  it('is not asking for help or the version', async () => {
    expect(await place.kd(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Exit codes') as string,
    });
    expect((await place.kd(['run', '--help'])).stdout).toContain('--seeds');
    expect((await place.kd(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('kd methods', () => {
  it('prints the catalogue and one method with formula and parameters', async () => {
    const [all] = jsonLines((await place.kd(['methods', '--json'])).stdout) as unknown as [
      { methods: { name: string }[] },
    ];
    expect(all.methods.map(({ name }) => name)).toEqual(expect.arrayContaining(['kd', 'fitnet', 'at']));
    const [kd] = jsonLines((await place.kd(['methods', 'kd', '--json'])).stdout);
    expect(kd).toMatchObject({ name: 'kd', parameters: { temperature: { default: 4 } } });
    expect((await place.kd(['methods', 'kd'])).stdout).toContain('Formula');
  });
});
