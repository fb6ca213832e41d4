/**
 * Imported first by an engine under test: the process dies, or its disk fails, at a chosen write. `KD_FAULTS` holds the
 * settings; every change of a file counts as one operation, in the order in which the engine makes them.
 */
import fs from 'node:fs';
import { isMainThread } from 'node:worker_threads';

export interface Faults {
  /** The operation at which it happens, from 1; 0: never. */
  readonly at: number;
  /** `before`, `middle` (half the bytes are written), `after`: killed by SIGKILL. `full`, `readOnly`: so from there on. */
  readonly kind: 'before' | 'middle' | 'after' | 'full' | 'readOnly';
  /** Where the number of operations is written when the process ends by itself. */
  readonly count?: string;
  /** Milliseconds by which the clock of this process is wrong. */
  readonly clock?: number;
}

const faults: Faults = {
  ...{ at: 0, kind: 'before' },
  ...(JSON.parse(process.env['KD_FAULTS'] ?? '{}') as Partial<Faults>),
};
const CODES = { full: 'ENOSPC', readOnly: 'EROFS' } as const;
type Operation = (...parameters: never[]) => unknown;
const CHANGES = [
  'writeSync',
  'writeFileSync',
  'fsyncSync',
  'renameSync',
  'ftruncateSync',
  'mkdirSync',
  'rmSync',
] as const;
let operations = 0;

if (isMainThread && process.env['KD_FAULTS'] !== undefined) {
  const table = fs as unknown as Record<string, Operation>;
  const write = fs.writeFileSync;
  for (const name of CHANGES) table[name] = faulty(name, table[name] as Operation);
  process.on('exit', () => faults.count !== undefined && write(faults.count, String(operations)));
  if (faults.clock !== undefined) turnClock(faults.clock);
}

function faulty(name: (typeof CHANGES)[number], operation: Operation): Operation {
  return (...parameters) => {
    operations += 1;
    const { at, kind } = faults;
    if (at === 0 || operations < at) return operation(...parameters);
    if (kind === 'full' || kind === 'readOnly') {
      // What makes room is not refused by a full disk.
      if (kind === 'full' && (name === 'rmSync' || name === 'ftruncateSync')) return operation(...parameters);
      // Descriptors of the standard streams stay open on a disk that became read-only.
      if (kind === 'readOnly' && Number(parameters[0]) <= 2) return operation(...parameters);
      throw Object.assign(new Error(`${CODES[kind]}: injected, ${name}`), { code: CODES[kind] });
    }
    if (kind === 'after') operation(...parameters);
    if (kind === 'middle' && name === 'writeSync') {
      const [descriptor, bytes, from, length, position] = parameters as unknown as [
        ...[number, Uint8Array, number, number],
        number | undefined,
      ];
      operation(...([descriptor, bytes, from, Math.floor(length / 2), position] as never[]));
    }
    process.kill(process.pid, 'SIGKILL');
    // The signal arrives before this loop has turned once.
    for (;;) operations += 1;
  };
}

function turnClock(milliseconds: number): void {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...parameters: unknown[]) {
      if (parameters.length === 0) super(Real.now() + milliseconds);
      else super(...(parameters as [number]));
    }
    static override now(): number {
      return Real.now() + milliseconds;
    }
  } as DateConstructor;
}
