import { appendFileSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { metricsOf, newRun, openRun, checkpointAt } from './scratch.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('writing a run', () => {
  it('numbers metrics without gaps and keeps numbers that JSON cannot hold', () => {
    const run = newRun();
    const { writer } = openRun(run);
    writer.metrics(metricsOf(0));
    writer.metrics({ ...metricsOf(1), values: { loss: NaN, a: Infinity, b: -Infinity } });
    expect(run.metrics().map(({ seq }) => seq)).toEqual([0, 1]);
    expect(run.metrics()[1]?.values).toEqual({ loss: 'NaN', a: 'Infinity', b: '-Infinity' });
  });

  it('goes on from the checkpoint: later records are cut off and kept beside', () => {
    const run = newRun();
    const first = openRun(run).writer;
    for (let step = 0; step < 5; step += 1) first.metrics(metricsOf(step));
    first.gap({
      phase: 'student',
      seed: 1,
      epoch: 0,
      kl: 1,
      agreement: 1,
      teacherAccuracy: 1,
      studentAccuracy: 1,
      perClass: [],
    });
    first.checkpoint(checkpointAt(5));
    first.metrics(metricsOf(5));
    first.gap({
      phase: 'student',
      seed: 1,
      epoch: 1,
      kl: 1,
      agreement: 1,
      teacherAccuracy: 1,
      studentAccuracy: 1,
      perClass: [],
    });

    const { writer, resume } = openRun(run);
    expect(resume?.meta.seq).toBe(5);
    expect(writer.nextSeq).toBe(5);
    expect(run.metrics()).toHaveLength(5);
    expect(run.gap().map(({ epoch }) => epoch)).toEqual([0]);
    expect(readFileSync(join(run.path, 'metrics.lost-1.jsonl'), 'utf8')).toContain('"seq":5');
    expect(run.events().at(-1)).toMatchObject({ kind: 'resume', seq: 5 });
  });

  it('counts what a checkpoint records as time of the checkpoint alone', () => {
    let clock = 0;
    // Each look at it is a millisecond later.
    vi.spyOn(performance, 'now').mockImplementation(() => clock++);
    const { writer, file } = openRun(newRun());
    const recorded = (): number => {
      writer.progress({
        ...{ phase: 'student', seed: 1, epoch: 0, epochs: 1, step: 0, done: 0, secondsLeft: 1 },
        spent: { seconds: 1, checkpoints: 0, checkpointSeconds: 0 },
      });
      return file.record.progress?.spent?.recordSeconds ?? NaN;
    };
    recorded();
    const first = recorded();
    const second = recorded();
    writer.checkpoint(checkpointAt(0));
    expect(recorded() - second).toBeCloseTo(second - first, 9);
    writer.metrics(metricsOf(0));
    expect(recorded() - second).toBeGreaterThan(2 * (second - first));
  });

  it('keeps what every resume cut off', () => {
    const run = newRun();
    for (let attempt = 0; attempt < 3; attempt += 1) openRun(run).writer.metrics(metricsOf(0));
    openRun(run);
    const lost = readdirSync(run.path)
      .filter((name) => name.includes('lost'))
      .sort();
    expect(lost).toEqual(['metrics.lost-1.jsonl', 'metrics.lost-2.jsonl', 'metrics.lost-3.jsonl']);
    expect(run.metrics()).toEqual([]);
  });

  it('repairs an event that was torn when the engine died', () => {
    const run = newRun();
    openRun(run).writer.event({ kind: 'note', message: 'one' });
    appendFileSync(join(run.path, 'events.jsonl'), '{"type":"event","ki');
    expect(run.events()).toHaveLength(1);
    openRun(run).writer.event({ kind: 'note', message: 'two' });
    expect(run.events().map(({ message }) => message)).toEqual(['one', 'two']);
  });

  it('refuses to resume where records that the checkpoint counts on are gone', () => {
    const run = newRun();
    const { writer } = openRun(run);
    writer.metrics(metricsOf(0));
    writer.checkpoint(checkpointAt(1));
    writer.close();
    truncateSync(join(run.path, 'metrics.jsonl'));
    expect(() => openRun(run)).toThrow(/fewer than the 1 records/);
  });

  it('leaves out lines that are damaged or belong elsewhere, and passes on fields it does not know', () => {
    const run = newRun();
    const { writer } = openRun(run);
    writer.metrics(metricsOf(0));
    const path = join(run.path, 'metrics.jsonl');
    appendFileSync(path, '\u0000\u0000\n[1]\n{"seq":1}\n');
    appendFileSync(path, `${JSON.stringify({ ...metricsOf(2), seq: 2, time: 1, later: true })}\n`);
    expect(run.metrics().map(({ seq }) => seq)).toEqual([0, 2]);
    expect(run.metrics()[1]).toHaveProperty('later', true);
  });
});
