import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawn } from 'node:child_process';
import { bundle } from '../process/build.ts';
import { CONFIG, MadeRuns } from '../reports/made-runs.ts';
import { jsonLines, type Ended } from './kd-process.ts';

let bundles = '';
let made: MadeRuns;
beforeAll(async () => {
  bundles = await bundle({ kd: 'src/cli/main.ts' });
  made = new MadeRuns();
  made.add({ id: 'warm', student: [0.9, 0.91, 0.92], alone: [0.89, 0.9, 0.91] });
  made.add({
    id: 'hot',
    student: [0.95, 0.9601, 0.9699],
    latency: 0.1,
    config: CONFIG.replace('temperature: 4', 'temperature: 8'),
  });
  made.add({ id: 'other', student: [0.9], change: { dataHash: 'data-2' } });
});
afterAll(() => {
  made.dispose();
  rmSync(bundles, { recursive: true, force: true });
});

function kd(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(bundles, 'kd.cjs'), ...args], { cwd: made.root });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe('kd show', () => {
  it('tells what a system explains itself by, where a run has pictures of it', async () => {
    const pictured = made.add({ id: 'pictured', student: [0.9, 0.91, 0.92], pictured: true });
    const { code, stdout, stderr } = await kd('show', 'pictured');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/what systems show\s+phase\s+seed\s+first\s+last\n/u);
    expect(stdout).toMatch(/entropy of the gates of level1, nats\s+student\s+1\s+[\d.]+\s+[\d.]+\n/u);
    expect(stdout).toMatch(/pairs of classes in conflict\s+baseline\s+3\s+[\d.]+ %\s+[\d.]+ %/u);
    const [shown] = jsonLines((await kd('show', 'pictured', '--json')).stdout) as [{ explained: unknown[] }];
    expect(shown.explained.length).toBeGreaterThan(10);
    const plain = await kd('show', 'warm');
    expect(plain.stdout).not.toContain('what systems show');
    rmSync(pictured.path, { recursive: true });
  });
});

describe('kd compare', () => {
  it('prints students, statistics, settings that differ and the verdict in words', async () => {
    const { code, stdout, stderr } = await kd('compare', 'warm', 'hot');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/Students, accuracy on the test split\n#\s+run\s+student/u);
    expect(stdout).toMatch(/2\s+hot\s+3\s+\+5\.00\s+\[\+4\.\d\d, \+5\.\d\d\]/u);
    expect(stdout).toMatch(/distill\.match\[kd\]\.temperature\s+4\s+8/u);
    expect(stdout).toContain('hot BEATS warm: +5.00 points accuracy');
    expect(stdout).not.toContain('\u001b');
  });

  it('prints the same as JSON, CSV and Markdown, and nothing else', async () => {
    const json = await kd('compare', 'warm', 'hot', '--json');
    expect(jsonLines(json.stdout)).toMatchObject([
      {
        runs: ['warm', 'hot'],
        comparisons: [{ contender: 1, best: { verdict: 'BEATS', pairs: 3 }, last: { pairs: 3 } }],
        settings: [{ key: 'distill.match[kd].temperature', values: [4, 8] }],
      },
    ]);
    const csv = await kd('compare', 'warm', 'hot', '--csv');
    expect(csv.stdout.split('\r\n').map((line) => line.split(',')[0])).toEqual(['run', 'warm', 'hot', '']);
    const markdown = await kd('compare', 'warm', 'hot', '--md');
    expect(markdown.stdout).toMatch(/^### Students, accuracy on the test split\n\n\| \\# \| run \|/u);
    expect(await kd('compare', 'warm', 'hot', '--md', '--csv')).toMatchObject({ code: 2, stdout: '' });
  });

  it('compares with the baseline and by another metric', async () => {
    const { stdout } = await kd('compare', 'warm', '--baseline', '--metric', 'calibrationError', '--json');
    expect(jsonLines(stdout)).toMatchObject([
      {
        metric: { name: 'calibrationError', better: 'lower' },
        contenders: [{ student: 'baseline' }, { student: 'student' }],
      },
    ]);
  });

  it.each([
    [['warm', 'other'], 'KD5051', 1],
    [['warm', 'hot', '--metric', 'speed'], 'KD7022', 2],
    [['warm'], 'KD7023', 2],
    [['warm', 'nothing'], 'KD5001', 1],
  ])('refuses %j with %s, the reason and the next step', async (args, code, exit) => {
    const ended = await kd('compare', ...args);
    expect(ended).toMatchObject({ code: exit, stdout: '' });
    expect(ended.stderr).toMatch(new RegExp(`${code} .*\n  next: `, 's'));
  });
});

describe('kd report', () => {
  it('writes one page about a run and one about a comparison', async () => {
    const one = await kd('report', 'warm', '--json');
    expect(jsonLines(one.stdout)).toEqual([
      { runs: ['warm'], format: 'html', file: join(made.root, 'warm.html') },
    ]);
    expect(readFileSync(join(made.root, 'warm.html'), 'utf8')).toMatch(/^<!DOCTYPE html>/u);
    const both = await kd('report', 'warm', 'hot', '--format', 'md', '--out', 'both.md');
    expect(both.stdout).toBe(`wrote ${join(made.root, 'both.md')}\n`);
    expect(readFileSync(join(made.root, 'both.md'), 'utf8')).toContain('# Comparison of 2 runs');
  });

  it('writes nothing where there is nothing to tell', async () => {
    expect(await kd('report', 'warm', 'other', '--out', 'none.html')).toMatchObject({ code: 1 });
    expect(existsSync(join(made.root, 'none.html'))).toBe(false);
  });
});

describe('kd label', () => {
  it('stars, tags, notes and archives; lists and records tell', async () => {
    const labelled = await kd(
      'label',
      'hot',
      '--star',
      '--tag',
      'good',
      '--tag',
      'warm',
      '--note',
      'look at it',
    );
    expect(labelled.stdout).toBe('hot  ★ good, warm · look at it\n');
    expect((await kd('label', 'hot')).stdout).toBe(labelled.stdout);
    const tagged = jsonLines((await kd('runs', '--tag', 'good', '--json')).stdout)[0];
    expect(tagged).toMatchObject({
      runs: [{ id: 'hot', labels: { starred: true, tags: ['good', 'warm'] } }],
    });
    expect((await kd('show', 'hot')).stdout).toMatch(/labels\s+★ good, warm · look at it/u);
    await kd('label', 'other', '--archive');
    const listed = await kd('runs');
    expect(listed.stdout).not.toMatch(/^other/mu);
    expect(listed.stdout).toContain('1 archived');
    expect((await kd('runs', '--all')).stdout).toMatch(/^other/mu);
    expect((await kd('runs', '--starred', '--status', 'failed')).stdout).toContain('kd runs --all');
    await kd('label', 'hot', '--unstar', '--untag', 'good', '--untag', 'warm', '--note', '');
    expect((await kd('label', 'hot')).stdout).toBe('hot  nothing is said of it\n');
  });

  it('changes nothing where one of the runs is unknown or a tag is none', async () => {
    expect(await kd('label', 'warm', 'nothing', '--star')).toMatchObject({ code: 1 });
    expect(await kd('label', 'warm', '--tag', 'a,b')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('KD7024') as string,
    });
    expect((await kd('label', 'warm')).stdout).toBe('warm  nothing is said of it\n');
  });
});
