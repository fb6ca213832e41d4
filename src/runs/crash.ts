import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nextDevice, resumeCommand } from '../protocol/next-device.ts';
import type { CrashReport, RunRecord } from '../protocol/records.ts';
import type { RunDirectory } from './directory.ts';
import type { EngineExit } from './launch.ts';
import { FILES } from './layout.ts';
import { lastHeartbeat } from './liveness.ts';
import { settle, STOP_NOW } from './settle.ts';
import { isFinal } from './status.ts';

type Failure = NonNullable<RunRecord['failure']>;

const LAST_WORDS_CHARACTERS = 600;
const LAST_LINES = 12;
const LAST_LINES_CHARACTERS = 4000;

/** What an engine, its runtime or the system says before it ends. */
const SIGNS: readonly { readonly pattern: RegExp; readonly cause: CrashReport['cause'] }[] = [
  { pattern: /heap out of memory|bad_alloc|ENOMEM|cannot allocate memory/i, cause: 'memory' },
  {
    pattern:
      /device (was |is )?(lost|removed|hung)|DEVICE_(LOST|REMOVED|HUNG)|CUDA (error|failure)|CUDA_ERROR/i,
    cause: 'device',
  },
  { pattern: /ENOSPC|EDQUOT|EROFS|\bEIO\b|KD500[567]|no space left/i, cause: 'disk' },
];
const CAUSES: Readonly<Record<CrashReport['cause'], { readonly means: string; readonly next: string }>> = {
  memory: {
    means: 'most likely because memory ran out, or somebody ended it',
    next: 'close other programs or lower train.batchSize; ',
  },
  device: {
    means: 'most likely because its device was lost',
    next: 'restart the driver, or resume with --set engine.device=cpu; ',
  },
  disk: { means: 'most likely because the disk is full or failed', next: 'free some space; ' },
  native: {
    means: 'by a fault in native code',
    next: 'try --set engine.device=wasm if it happens again, and report it; ',
  },
  unknown: { means: 'for a reason that it did not say', next: '' },
};
/** Faults that no JavaScript can cause. */
const NATIVE_FAULTS: readonly (string | number | null)[] = [
  'SIGSEGV',
  'SIGBUS',
  'SIGILL',
  'SIGABRT',
  139,
  134,
];

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
  const crash = crashOf(run, exit);
  const failure = offeringNext(run, failureOf(run, crash));
  settle(run, status === 'queued' ? 'failed' : 'interrupted', failure, crash);
}

/** Somebody ended the engine on purpose. */
function wasEnded(run: RunDirectory): boolean {
  try {
    return readFileSync(join(run.path, FILES.stop), 'utf8').trim() === STOP_NOW;
  } catch {
    return false;
  }
}

/**
 * What is known about an engine that vanished: how it ended, its last words, what that means most likely.
 * @param exit null where nobody was there to see it
 */
export function crashOf(run: RunDirectory, exit: EngineExit | null): CrashReport {
  const stderr = run.stderr().slice(-LAST_WORDS_CHARACTERS);
  const lines = lastLines(run.log());
  return {
    exitCode: exit?.code ?? null,
    signal: exit?.signal ?? null,
    lastSign: lastHeartbeat(run.path),
    lastLines: lines,
    lastWords: stderr.trim(),
    cause: causeOf(exit, `${lines.join('\n')}\n${stderr}`),
  };
}

/** First what the words say, then what the way of ending says. */
function causeOf(exit: EngineExit | null, words: string): CrashReport['cause'] {
  const said = SIGNS.find(({ pattern }) => pattern.test(words));
  if (said !== undefined) return said.cause;
  const end = exit === null ? null : (exit.signal ?? exit.code);
  if (end !== null && OUT_OF_MEMORY_EXITS.includes(end)) return 'memory';
  return end !== null && NATIVE_FAULTS.includes(end) ? 'native' : 'unknown';
}

function lastLines(log: string): readonly string[] {
  return log.slice(-LAST_LINES_CHARACTERS).trimEnd().split('\n').slice(-LAST_LINES);
}

/** A report in words, as the failure of the run. */
export function failureOf(run: RunDirectory, crash: CrashReport): Failure {
  const { exitCode, signal, lastWords, cause } = crash;
  const ended =
    signal !== null
      ? `signal ${signal}`
      : exitCode !== null
        ? `exit code ${exitCode}`
        : `nobody saw how; last sign of life ${crash.lastSign ?? 'never'}`;
  const said = lastWords === '' ? '' : `; its last words: ${lastWords}`;
  return {
    code: 'KD5021',
    message: `the engine ended without a word of its own (${ended}), ${CAUSES[cause].means}${said}`,
    help: `${CAUSES[cause].next}go on from the last checkpoint with \`kd resume ${run.id}\``,
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
