import { QUIET_WAIT_MS, requireSameWork } from './contest.mjs';
import { waitForQuiet } from './machine.mjs';
import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';
import { median } from './statistics.mjs';
import { WAITING_PERCENT } from './targets.mjs';
import { prepareWorkload, STUDENT, TEACHER } from './workloads.mjs';

const BATCH = 64;
const STUDENTS = 10;
/** Steps whose losses must agree with those beside the live teacher; later rounding has grown, and says nothing. */
const PROVEN_STEPS = 8;

/** What is stored beside the logits. Two stages of the teacher make a book that is too large to be held in memory. */
const KINDS = { logits: [], maps: ['stage2', 'stage3'] };

/** Figures of a book, and what it spares; see `test/bench/book.ts`. */
const FIGURES = ['size', 'build', 'epoch', 'waiting', 'ten-students'];

export const TASKS = Object.entries(KINDS).map(([kind, maps]) => ({
  names: FIGURES.map((figure) => `book/${figure}/${kind}`),
  measure: (context) => measure(kind, maps, context),
}));

/**
 * @typedef {{ milliseconds: number[], losses: number[], waitShare: number }} Trained
 * @typedef {{ views: number, live: Trained, book: Trained & { bytes: number, buildMilliseconds: number } }} Outcome
 */

/** @returns {Promise<import('./rows.mjs').Result>} */
async function measure(kind, maps, { executors, rounds, progress }) {
  const folder = await prepareWorkload(`book/${kind}`, {
    ...{ kind: 'epoch', batch: BATCH, student: STUDENT, teacher: TEACHER, augmented: true },
  });
  const program = await bundleBench('book');
  const rows = [];
  for (const executor of executors) {
    /** @type {Outcome[]} */
    const outcomes = [];
    for (let round = 0; round < rounds; round++) {
      await waitForQuiet(QUIET_WAIT_MS);
      const turn = round % 2 === 0 ? [] : ['--live-first'];
      const command = [program, folder, '--executor', executor, '--maps', maps.join(), ...turn];
      const outcome = await measureProcess([process.execPath, ...command]);
      const [live, book] = [outcome.live, outcome.book].map(({ losses }) => losses.slice(0, PROVEN_STEPS));
      requireSameWork(live, book);
      outcomes.push(outcome);
      progress(`book/${kind} round ${round + 1}: ${executor}`);
    }
    rows.push(...rowsOf(kind, executor, outcomes));
  }
  return { rows, notRun: [] };
}

/** @param {Outcome[]} outcomes one a round */
function rowsOf(kind, executor, outcomes) {
  /** @type {(figure: string, unit: string, valueOf: (outcome: Outcome) => number, target?: number | null) => import('./rows.mjs').Row} */
  const one = (figure, unit, valueOf, target = null) =>
    row({ name: `book/${figure}/${kind}/${executor}`, unit, target }, outcomes.map(valueOf));
  const besideLive = (figure, unit, fromBook, live) =>
    row({ name: `book/${figure}/${kind}/${executor}`, unit, target: null }, outcomes.map(fromBook), {
      name: 'live teacher',
      values: outcomes.map(live),
    });
  return [
    one('size', 'MB', ({ book }) => book.bytes / 1e6),
    one('build', 's', ({ book }) => book.buildMilliseconds / 1000),
    besideLive(
      'epoch',
      'ms',
      ({ book }) => median(book.milliseconds),
      ({ live }) => median(live.milliseconds),
    ),
    one('waiting', '%', ({ book }) => book.waitShare * 100, WAITING_PERCENT),
    besideLive('ten-students', 's an epoch', withBook, withoutBook),
  ];
}

/** Seconds of an epoch of ten students, and of the view that it shows. @param {Outcome} outcome */
export function withBook({ book, views }) {
  return (book.buildMilliseconds / views + STUDENTS * median(book.milliseconds)) / 1000;
}

/** @param {Outcome} outcome */
export function withoutBook({ live }) {
  return (STUDENTS * median(live.milliseconds)) / 1000;
}
