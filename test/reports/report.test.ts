import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportOf } from '../../src/reports/report.ts';
import { textsInSource } from '../webview/texts-in-source.ts';
import { MadeRuns } from './made-runs.ts';

let made: MadeRuns;
beforeEach(() => {
  made = new MadeRuns();
});
afterEach(() => made.dispose());

const NOW = new Date('2026-02-03T04:05:06Z');
const EVIL = '<img src=x onerror=alert(1)><script>alert(1)</script> | `x` [a](javascript:b)';

describe('a report of a run', () => {
  it('is one page that needs nothing else and may run nothing', () => {
    const run = made.add({ id: 'r', student: [0.96, 0.961, 0.962], alone: [0.95, 0.951, 0.9521] });
    const html = reportOf([run], 'html', {}, { now: NOW });
    expect(html).not.toMatch(/<script|<link|<img|\son\w+=|javascript:/iu);
    expect([...html.matchAll(/https?:\/\/[^"' <]+/gu)].map(([found]) => found)).toEqual(
      [...html.matchAll(/<svg /gu)].map(() => 'http://www.w3.org/2000/svg'),
    );
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/u.exec(html) ?? [];
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/u.exec(html) ?? [];
    expect(policy).toContain('default-src &#39;none&#39;');
    expect(policy).toContain(createHash('sha256').update(style).digest('base64'));
    expect(policy).not.toMatch(/unsafe|script-src/u);
  });

  it('tells verdict and statistics, results, curves, gap, environment, provenance and the config', () => {
    const run = made.add({ id: 'r', student: [0.96, 0.961, 0.962], alone: [0.95, 0.951, 0.9521] });
    const html = reportOf([run], 'html', {}, { now: NOW });
    for (const fact of [
      ...['BEATS', 'paired t, level 95 %', 'last epoch: +0.9 points', '96.00 %', 'data-1', 'temperature: 4'],
      ...[
        'ONNX Runtime, CPU',
        'no NVIDIA driver was found',
        'Widest gaps by class',
        'aria-label="Loss over epoch',
      ],
      ...['2026-02-03 04:05 UTC', 'No guard and no warning was recorded.'],
    ]) {
      expect(html).toContain(fact);
    }
    expect(html.match(/<path d="M/gu)?.length).toBeGreaterThan(3);
  });

  it('tells what chose the weights of a run, by its name and with its unit', () => {
    const run = made.add({ id: 'r', student: [0.96, 0.961, 0.962], metric: 'calibrationError' });
    const text = reportOf([run], 'md', {}, { now: NOW });
    expect(text).toMatch(/\| model \| seed \| test calibrationError \|/u);
    expect(text).toMatch(/\| student \| 1 \| 2\.00 % \| 3\.00 % \|/u);
    const other = made.add({ id: 'other', student: [0.96, 0.961, 0.962], metric: 'loss/ce' });
    expect(reportOf([other], 'md', {}, { now: NOW })).toContain('loss/ce on validation by epoch');
  });

  it('tells by what systems explain themselves, at the first and at the last epoch, and nothing of it where there is none', () => {
    const run = made.add({ id: 'r', student: [0.96, 0.961, 0.962], pictured: true });
    const text = reportOf([run], 'md', {}, { now: NOW });
    const pictures = run.pictures();
    const gates = pictures.filter((one) => one.kind === 'gates' && one.phase === 'student' && one.seed === 1);
    const [first, last] = [gates[0], gates.at(-1)].map((one) =>
      one?.kind === 'gates' ? (one.levels[0]?.entropy.toPrecision(3) ?? '') : '',
    );
    expect(first).not.toBe(last);
    expect(text).toContain(`| student | 1 | entropy of the gates of level1, nats | ${first} | ${last} |`);
    expect(text).toMatch(/\| baseline \| 2 \| pairs of classes in conflict \| [\d.]+ % \| [\d.]+ % \|/);
    expect(text).toMatch(/\| student \| 3 \| regions of fitnet at stage2, share of the image \| [\d.]+ % \|/);
    expect(text).toMatch(/probability that simplifier moves before kd \| [\d.]+ % \| [\d.]+ % \|/);
    expect(text).toMatch(/neurons of hidden1\.fc \| \d+ \| \d+ \|/);
    expect(text).toMatch(/weight of kd in the loss \| 0\.750 \| 0\.00 \|/);
    expect(text).toMatch(/\| student \| shifted \| [\d.]+ % \| [\d.]+ % \| 0\.\d+ \|/);
    const plain = made.add({ id: 'plain', student: [0.96, 0.961, 0.962] });
    expect(reportOf([plain], 'md', {}, { now: NOW })).not.toContain('What the systems show');
  });

  it('shows what is hostile as text, in HTML and in Markdown', () => {
    const run = made.add({ id: 'r', student: [0.9], name: EVIL, config: `name: |\n  \`\`\`\n  ${EVIL}\n` });
    writeFileSync(
      join(run.path, 'events.jsonl'),
      `${JSON.stringify({ type: 'event', time: 1, kind: 'guard', message: EVIL })}\n`,
    );
    const html = reportOf([run], 'html', {}, { now: NOW });
    expect(html).not.toMatch(/<img|<script/iu);
    expect(html).toContain('&#60;script&#62;');
    const text = reportOf([run], 'md', {}, { now: NOW });
    const outside = text.split(/^````yaml$[\s\S]*?^````$/mu).join('');
    expect(outside).not.toMatch(/(?<!\\)<(img|script)/iu);
    expect(outside).toContain('\\<script\\>');
    expect(text).toContain('````yaml');
  });

  it('says in Markdown by tables what HTML draws', () => {
    const run = made.add({ id: 'r', student: [0.96, 0.961, 0.962] });
    const text = reportOf([run], 'md', {}, { now: NOW });
    expect(text).toMatch(/^# Digits\n\nr · written/u);
    expect(text).toContain('| epoch | student, train |'.slice(0, 8));
    expect(text).toContain('This run has no baseline to be judged against.');
    expect(text).not.toContain('<svg');
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    const columns = (line: string) => line.replaceAll('\\|', '').split('|').length;
    rows.forEach((line, at) => {
      const next = rows[at + 1];
      if (next?.includes('---') === true) expect(columns(line)).toBe(columns(next));
    });
  });
});

describe('a report of a comparison', () => {
  it('tells every verdict, what they cost, and the settings of all', () => {
    const a = made.add({ id: 'a', student: [0.9, 0.91, 0.92], latency: 0.2 });
    const b = made.add({ id: 'b', student: [0.95, 0.9601, 0.9699], latency: 0.1, parameters: 50 });
    const html = reportOf([a, b], 'html', {}, { now: NOW });
    for (const fact of [
      'b BEATS a',
      'Against 1, a',
      'behind 2',
      'Provenance: b',
      'The effective configs are the same.',
    ])
      expect(html).toContain(fact);
    expect(html).toContain('accuracy, % over parameters');
    expect(html).toContain('accuracy, % over milliseconds an image');
    expect(html).not.toMatch(/NaN|undefined/u);
  });
});

describe('a report in another language', () => {
  const marked = {
    name: 'ar',
    translations: Object.fromEntries(textsInSource().map((one) => [one, `⟦${one}⟧`])),
  };
  const linesOf = (text: string) =>
    text
      .split(/^```yaml$[\s\S]*?^```$/mu)
      .join('')
      .split('\n');
  const unmarked = (names: readonly string[]) => names.filter((name) => !/^⟦.*⟧$/u.test(name));

  it('has every heading, name and sentence of its own in that language, of a run and of a comparison', () => {
    const a = made.add({ id: 'a', student: [0.9, 0.91, 0.92], alone: [0.9, 0.9, 0.9], latency: 0.2 });
    const b = made.add({ id: 'b', student: [0.95, 0.9601, 0.9699], latency: 0.1, parameters: 50 });
    for (const runs of [[a], [a, b]]) {
      const lines = linesOf(reportOf(runs, 'md', {}, { now: NOW, language: marked }));
      const headings = lines.filter((line) => line.startsWith('## ')).map((line) => line.slice(3));
      expect(headings.length).toBeGreaterThan(5);
      expect(unmarked(headings.map((line) => line.replace(/: [ab]$/u, '').replaceAll('\\', '')))).toEqual([]);
      const facts = lines.flatMap((line) => /^- (⟦.*?⟧|[^:]+):/u.exec(line)?.[1] ?? []);
      expect(facts.length).toBeGreaterThan(5);
      expect(unmarked(facts.map((fact) => fact.replaceAll('\\', '')))).toEqual([]);
      const heads = lines.filter((_, at) => lines[at + 1]?.startsWith('| -') === true);
      const cells = heads.flatMap((head) => head.slice(2, -2).split(' | '));
      const own = ['#', '\\#', 'p', 'a', 'b'];
      expect(unmarked(cells.filter((cell) => !own.includes(cell) && !cell.includes(', ⟦')))).toEqual([]);
    }
  });

  it('says so to the browser, and is written from its side', () => {
    const run = made.add({ id: 'r', student: [0.9, 0.91, 0.92] });
    expect(reportOf([run], 'html', {}, { now: NOW, language: marked })).toContain(
      '<html lang="ar" dir="rtl">',
    );
    expect(reportOf([run], 'html', {}, { now: NOW })).toContain('<html lang="en" dir="ltr">');
  });

  it('leaves the words of a run as they are', () => {
    const run = made.add({ id: 'r', name: 'Verdict', student: [0.9, 0.91, 0.92] });
    expect(reportOf([run], 'md', {}, { now: NOW, language: marked })).toMatch(/^# Verdict\n/u);
  });
});
