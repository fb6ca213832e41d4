import { QUIET_SHARE, waitForQuiet } from './machine.mjs';
import { peersFor } from './peers.mjs';
import { bundleBench, measureProcess } from './processes.mjs';
import { median } from './statistics.mjs';

/** How long a process waits for a quiet machine. */
export const QUIET_WAIT_MS = 20_000;

/** Relative to the largest of the numbers; rounding differs between frameworks and grows with the steps. */
const PROOF_TOLERANCE = 1e-3;

/** After the first round only peers this close to the fastest go on, and no more than so many. */
const STILL_RUNNING = { within: 1.3, most: 3 };

/**
 * What every contestant prints, see `test/bench/ours.ts` and `test/bench/peers/common.py`.
 *
 * @typedef {{ executor: string, milliseconds: number[], proof: number[], residentMegabytes: number,
 *   firstStepSeconds: number }} Outcome
 * @typedef {{ name: string, framework: string | null, eager: boolean, outcomes: Outcome[] }} Contestant
 */

/**
 * Fresh processes, ours and every peer once a round, in turned order. The first round tries every configuration; those that
 * are far from the fastest sit out the others. PyTorch in its defaults always runs.
 *
 * @param {{ name: string, ours: string, theirs?: string, kind: 'step' | 'epoch' | 'inference', convolutional: boolean, busy?: boolean,
 *   executors: string[], rounds: number, progress: (line: string) => void }} options `ours` and `theirs`: folders of the work
 * @returns {Promise<{ ours: Map<string, Outcome[]>, peers: Contestant[], failed: { name: string, why: string }[] }>}
 */
export async function contest({
  name,
  ours,
  theirs = ours,
  kind,
  convolutional,
  busy = false,
  executors,
  rounds,
  progress,
}) {
  const program = await bundleBench('ours');
  const us = executors.map((executor) => ({
    name: executor,
    command: [process.execPath, program, ours, '--executor', executor, ...(busy ? ['--busy'] : [])],
    environment: {},
    framework: null,
    eager: false,
  }));
  let running = [...us, ...peersFor({ folder: theirs, kind, convolutional })].map((contestant) => ({
    ...contestant,
    /** @type {Outcome[]} */
    outcomes: [],
  }));
  const failed = [];
  /** @type {number[] | undefined} */
  let proof;
  for (let round = 0; round < rounds; round++) {
    const turn = round % running.length;
    for (const contestant of [...running.slice(turn), ...running.slice(0, turn)]) {
      const others = busy ? 0 : await waitForQuiet(QUIET_WAIT_MS);
      try {
        const outcome = await measureProcess(contestant.command, contestant.environment);
        proof ??= outcome.proof;
        requireSameWork(proof, outcome.proof);
        contestant.outcomes.push(outcome);
        progress(
          `${name} round ${round + 1}: ${contestant.name} ${shown(timeOf(outcome))}${disturbed(others)}`,
        );
      } catch (error) {
        failed.push({ name: contestant.name, why: error.message });
        running = running.filter((other) => other !== contestant);
        progress(`${name} round ${round + 1}: ${contestant.name} failed: ${error.message}`);
      }
    }
    if (round === 0) running = survivors(running);
  }
  return {
    ours: new Map(running.filter(isOurs).map(({ name: executor, outcomes }) => [executor, outcomes])),
    peers: running.filter((contestant) => !isOurs(contestant)),
    failed,
  };
}

/** @param {Outcome} outcome */
export function timeOf(outcome) {
  return median(outcome.milliseconds);
}

function isOurs({ framework }) {
  return framework === null;
}

function survivors(running) {
  const first = (contestant) => timeOf(contestant.outcomes[0]);
  const peers = running.filter((contestant) => !isOurs(contestant)).sort((a, b) => first(a) - first(b));
  const limit = peers.length === 0 ? 0 : first(peers[0]) * STILL_RUNNING.within;
  const stay = new Set(peers.slice(0, STILL_RUNNING.most).filter((peer) => first(peer) <= limit));
  return running.filter((contestant) => isOurs(contestant) || contestant.eager || stay.has(contestant));
}

function shown(milliseconds) {
  return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 1)} ms`;
}

function disturbed(others) {
  return others > QUIET_SHARE ? ` (other programs took ${Math.round(others * 100)} % of the machine)` : '';
}

/** From the same weights and batch the same numbers follow, up to rounding; anything else is other work. */
export function requireSameWork(expected, got) {
  const largest = Math.max(...expected.map(Math.abs));
  const differs = expected.some(
    (value, index) => !(Math.abs(value - got[index]) <= PROOF_TOLERANCE * largest),
  );
  if (differs || expected.length !== got.length) {
    throw new Error(
      `it gives ${got.join(', ')} where ${expected.join(', ')} was expected: that is other work`,
    );
  }
}
