import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nextDevice, resumeCommand } from '../protocol/next-device.ts';
import type { RunRecord } from '../protocol/records.ts';
import type { RunDirectory } from './directory.ts';
import type { EngineExit } from './launch.ts';
import { FILES } from './layout.ts';
import { settle, STOP_NOW } from './settle.ts';
import { isFinal } from './status.ts';

type Failure = NonNullable<RunRecord['failure']>;

const LAST_WORDS_CHARACTERS = 600;

/** Signals and exit codes by which systems end processes that use too much memory. */
const OUT_OF_MEMORY_EXITS: readonly (string | number | null)[] = ['SIGKILL', 137];

/**
 * Called by whoever started an engine and saw it end: where it ended without writing its end, the reason goes into the
 * record. Does nothing in all other cases, also where another engine has taken the run since.
 */
export function settleAfterExit(run: RunDirectory, exit: EngineExit): void {
  const { status } = run.record();
  if (isFinal(status) || run.isAlive()) return;
  if (wasEnded(run)) {
    settle(run, 'stopped');
    return;
  }
  settle(run, status === 'queued' ? 'failed' : 'interrupted', offeringNext(run, crashOf(run, exit)));
}

/** Somebody ended the engine on purpose. */
function wasEnded(run: RunDirectory): boolean {
  try {
    return readFileSync(join(run.path, FILES.stop), 'utf8').trim() === STOP_NOW;
  } catch {
    return false;
  }
}

function crashOf(run: RunDirectory, { code, signal }: EngineExit): Failure {
  const words = run.stderr().slice(-LAST_WORDS_CHARACTERS).trim();
  const ended = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const said = words === '' ? '' : `; its last words: ${words}`;
  const memory = OUT_OF_MEMORY_EXITS.includes(signal ?? code) || /heap out of memory|bad_alloc/.test(words);
  const cause = memory
    ? 'it was ended from outside, perhaps because memory ran out: close other programs or lower train.batchSize; '
    : '';
  return {
    code: 'KD5021',
    message: `the engine ended without a word of its own (${ended})${said}`,
    help: `${cause}go on from the last checkpoint with \`kd resume ${run.id}\``,
  };
}

/** What ended it may have been its executor. */
function offeringNext(run: RunDirectory, failure: Failure): Failure {
  const { environment } = run.record();
  const device = nextDevice({ failure, ...(environment && { environment }) });
  if (device === null) return failure;
  return {
    ...failure,
    help: `${failure.help}, or with \`${resumeCommand(run.id, device)}\` where its executor was at fault`,
  };
}
