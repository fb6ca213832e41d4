import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SILENT_AFTER_SECONDS } from '../../src/config/files.ts';
import { Facts } from '../../src/server/facts.ts';
import { LookupThreads, type Thread } from '../../src/server/lookup-threads.ts';
import type { Question, Reply } from '../../src/server/lookups.ts';

const SILENT_MILLISECONDS = 1000 * SILENT_AFTER_SECONDS;
const WAIT_MILLISECONDS = 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Facts whose questions a test answers by hand. */
function byHand() {
  const asked: { readonly question: Question; readonly answer: (reply: Reply) => void }[] = [];
  const errors: string[] = [];
  let changes = 0;
  const facts = new Facts(
    { look: (question, answer) => void asked.push({ question, answer }) },
    { error: (message) => void errors.push(message) },
    () => void (changes += 1),
    () => Date.now(),
  );
  const text = (path: string) => facts.ask('text', [path, 100], null);
  return { facts, text, asked, errors, changes: () => changes };
}

describe('what is known of the file system', () => {
  it('is never waited for: a question is on its way, and the work goes on without', () => {
    const { facts, text, asked } = byHand();
    expect(text('/a')).toBeNull();
    expect(facts.isMissing).toBe(true);
    expect(facts.silence('/a')).toBe('soon');
    expect(text('/a')).toBeNull();
    expect(asked.map(({ question }) => question)).toEqual([{ kind: 'text', parameters: ['/a', 100] }]);
    asked[0]?.answer({ value: 'here' });
    expect(text('/a')).toBe('here');
    expect(facts.silence('/a')).toBeNull();
    expect(facts.silence('/b')).toBeNull();
  });

  it('is worked with again when what was missing has come', async () => {
    const { facts, text, asked, changes } = byHand();
    const work = vi.fn(() => `${text('/a') ?? '?'} ${text('/a') === null ? '?' : (text('/b') ?? '?')}`);
    const done = facts.settled(work, WAIT_MILLISECONDS);
    expect(work.mock.results.map(({ value }) => value as string)).toEqual(['? ?']);
    asked[0]?.answer({ value: 'A' });
    await vi.advanceTimersByTimeAsync(0);
    asked[1]?.answer({ value: 'B' });
    expect(await done).toBe('A B');
    expect(work).toHaveBeenCalledTimes(3);
    // Whoever waited has it; nobody else need be told.
    expect(changes()).toBe(0);
  });

  it('is waited for by work that held back because of it, whoever asked', async () => {
    const { facts, text, asked } = byHand();
    text('/a');
    const work = vi.fn(() => (facts.silence('/a') === null ? 'said' : 'held back'));
    const done = facts.settled(work, WAIT_MILLISECONDS);
    expect(work.mock.results.map(({ value }) => value as string)).toEqual(['held back']);
    asked[0]?.answer({ value: 'A' });
    expect(await done).toBe('said');
  });

  it('is given up when the time is up, and announced when it comes late', async () => {
    const { facts, text, asked, changes } = byHand();
    const done = facts.settled(() => text('/a'), WAIT_MILLISECONDS);
    await vi.advanceTimersByTimeAsync(WAIT_MILLISECONDS);
    expect(await done).toBeNull();
    asked[0]?.answer({ value: 'late' });
    expect(changes()).toBe(1);
    expect(await facts.settled(() => text('/a'), WAIT_MILLISECONDS)).toBe('late');
  });

  it('is announced to those who gave up, though others still wait', async () => {
    const { facts, text, asked, changes } = byHand();
    const first = facts.settled(() => text('/a'), 100);
    const second = facts.settled(() => text('/a'), WAIT_MILLISECONDS);
    await vi.advanceTimersByTimeAsync(100);
    expect(await first).toBeNull();
    asked[0]?.answer({ value: 'late' });
    expect(await second).toBe('late');
    expect(changes()).toBe(1);
  });

  it('is called silent after a while, which is announced, and waited for no more; an answer ends that', async () => {
    const { facts, text, asked, changes } = byHand();
    void text('/a');
    vi.advanceTimersByTime(SILENT_MILLISECONDS - 1);
    expect(facts.silence('/a')).toBe('soon');
    vi.advanceTimersByTime(1);
    expect(facts.silence('/a')).toBe('silent');
    expect(changes()).toBe(1);
    // At once, without a timer that would have to run.
    expect(await facts.settled(() => text('/a'), WAIT_MILLISECONDS)).toBeNull();
    expect(asked).toHaveLength(1);
    asked[0]?.answer({ value: 'woken' });
    expect(changes()).toBe(2);
    expect(text('/a')).toBe('woken');
    expect(facts.silence('/a')).toBeNull();
  });

  it('serves while it is old and is asked for anew; only news are announced', () => {
    const { text, asked, changes } = byHand();
    void text('/a');
    asked[0]?.answer({ value: 'old' });
    const before = changes();
    vi.advanceTimersByTime(5000);
    expect(text('/a')).toBe('old');
    expect(asked).toHaveLength(2);
    asked[1]?.answer({ value: 'old' });
    expect(changes()).toBe(before);
    vi.advanceTimersByTime(5000);
    void text('/a');
    asked[2]?.answer({ value: 'new' });
    expect(changes()).toBe(before + 1);
    expect(text('/a')).toBe('new');
  });

  it('is forgotten where something changed, with what is on its way from before', () => {
    const { facts, text, asked } = byHand();
    void text('/a');
    facts.forget(['dryRun']);
    asked[0]?.answer({ value: 'kept' });
    expect(text('/a')).toBe('kept');
    facts.forget();
    expect(text('/a')).toBeNull();
    facts.forget();
    asked[1]?.answer({ value: 'of before' });
    expect(text('/a')).toBeNull();
    asked[2]?.answer({ value: 'of now' });
    expect(text('/a')).toBe('of now');
  });

  it('is as if it were not there where the lookup has a defect, which is logged', () => {
    const { facts, text, asked, errors } = byHand();
    void text('/a');
    asked[0]?.answer({ error: 'TypeError: defect' });
    expect(text('/a')).toBeNull();
    expect(facts.silence('/a')).toBeNull();
    expect(errors).toEqual(['text of /a: TypeError: defect']);
  });
});

describe('the threads that look', () => {
  /** Threads whose answers a test gives by hand. */
  function threads() {
    const started: { asked: string[]; answer: (reply: Reply) => void; ended: boolean; alive: boolean }[] = [];
    const start = (): Thread => {
      const thread: (typeof started)[number] = {
        ...{ asked: [], ended: false, alive: true },
        answer: () => undefined,
      };
      started.push(thread);
      return {
        isAlive: () => thread.alive,
        ask({ parameters: [path] }, answered) {
          thread.asked.push(path);
          thread.answer = (reply) => {
            thread.answer = () => undefined;
            answered(reply);
          };
        },
        end: () => void (thread.ended = true),
      };
    };
    const pool = new LookupThreads(start, () => Date.now());
    const answers: string[] = [];
    const look = (path: string) =>
      pool.look({ kind: 'status', parameters: [path] }, () => void answers.push(path));
    return { pool, started, answers, look };
  }

  it('are one as long as it answers in time', () => {
    const { started, look, answers } = threads();
    look('/a/1');
    look('/b/1');
    expect(started.map(({ asked }) => asked)).toEqual([['/a/1']]);
    started[0]?.answer({ value: null });
    started[0]?.answer({ value: null });
    expect(answers).toEqual(['/a/1', '/b/1']);
    expect(started).toHaveLength(1);
  });

  it('leave one behind that hangs, and keep away from its folder', () => {
    const { pool, started, look, answers } = threads();
    look('/hung/data/1');
    vi.advanceTimersByTime(1000);
    expect(pool.isStuck).toBe(true);
    look('/hung/data/2');
    look('/hung/data/deep/3');
    look('/fine/1');
    vi.advanceTimersByTime(1000);
    expect(started.map(({ asked }) => asked)).toEqual([['/hung/data/1'], ['/fine/1']]);
    started[1]?.answer({ value: null });
    expect(answers).toEqual(['/fine/1']);
    // The folder is back.
    started[0]?.answer({ value: null });
    expect(started.flatMap(({ asked }) => asked)).toContain('/hung/data/2');
    started.forEach((thread) => thread.answer({ value: null }));
    started.forEach((thread) => thread.answer({ value: null }));
    expect(answers).toContain('/hung/data/deep/3');
    expect(pool.isStuck).toBe(false);
    expect(started.filter(({ ended }) => !ended)).toHaveLength(1);
  });

  it('are a handful at most, however much hangs', () => {
    const { started, look } = threads();
    for (let folder = 0; folder < 40; folder += 1) look(`/${folder}/data/1`);
    vi.advanceTimersByTime(60_000);
    expect(started.length).toBeGreaterThan(1);
    expect(started.length).toBeLessThanOrEqual(8);
  });

  it('are replaced where one ends by itself', () => {
    const { started, look, answers } = threads();
    look('/a/1');
    const [first] = started;
    if (first !== undefined) first.alive = false;
    first?.answer({ error: 'the thread has ended' });
    look('/a/2');
    started[1]?.answer({ value: null });
    expect(answers).toEqual(['/a/1', '/a/2']);
  });
});
