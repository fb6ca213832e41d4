import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { COMPARE_LIMITS } from '../../protocol/compare-shapes.ts';
import type { Artefact, RunFiles } from '../../protocol/panel-compare.ts';
import type { RunRecord } from '../../protocol/records.ts';
import { FILES } from '../../runs/layout.ts';

/** Of a long log the end is read. */
const LOG_BYTES = 64 * 1024;
/** Where books of answers lie below the root. */
const BOOKS = join('.kd', 'books');

const KINDS: readonly (readonly [string, Artefact['kind']])[] = [
  [FILES.config, 'config'],
  [FILES.record, 'record'],
  [FILES.log, 'log'],
  [FILES.metrics, 'metrics'],
  [FILES.tensorBoard, 'metrics'],
  [FILES.gap, 'measurement'],
  [FILES.similarity, 'measurement'],
  [FILES.verdict, 'measurement'],
];

/** What lies in a run directory, the end of its log, and what it ran on. Whatever cannot be read is left out. */
export function filesOf(directory: string, record: RunRecord): RunFiles {
  return {
    run: directory,
    log: logTail(join(directory, FILES.log)),
    artefacts: artefactsOf(directory, record).map(({ name, kind, bytes }) => ({ name, kind, bytes })),
    environment: environmentOf(record),
  };
}

/** Every artefact with its path. */
export function artefactsOf(
  directory: string,
  record: RunRecord,
): readonly (Artefact & { readonly path: string })[] {
  const at = (name: string, kind: Artefact['kind'], path = join(directory, name)) => {
    const bytes = sizeOf(path);
    return bytes === null ? [] : [{ name: name.replaceAll('\\', '/'), kind, bytes, path }];
  };
  const inFolder = (folder: string, kind: Artefact['kind']) =>
    namesIn(join(directory, folder)).flatMap((name) => at(join(folder, name), kind));
  return [
    ...KINDS.flatMap(([name, kind]) => at(name, kind)),
    ...inFolder(FILES.checkpoints, 'checkpoint'),
    ...inFolder(FILES.models, 'model'),
    ...(readsBook(directory) ? at('books', 'book', join(record.root, BOOKS)) : []),
  ].slice(0, COMPARE_LIMITS.artefacts);
}

/** The config as it ran says so in a line of its own. */
function readsBook(directory: string): boolean {
  try {
    return /^ {2}book:(?! *false)/mu.test(readFileSync(join(directory, FILES.config), 'utf8'));
  } catch {
    return false;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Bytes of a file, or of all that lies in a folder; null where it is not there. */
function sizeOf(path: string): number | null {
  try {
    const stats = statSync(path);
    if (!stats.isDirectory()) return stats.size;
    return namesIn(path).reduce((sum, name) => sum + (sizeOf(join(path, name)) ?? 0), 0);
  } catch {
    return null;
  }
}

function logTail(path: string): readonly string[] {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Buffer.alloc(Math.min(size, LOG_BYTES));
      readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
      const lines = bytes.toString('utf8').split(/\r?\n/u);
      // The first line may be cut in its middle.
      const whole = size > LOG_BYTES ? lines.slice(1) : lines;
      return whole
        .filter((line) => line !== '')
        .slice(-COMPARE_LIMITS.logLines)
        .map((line) => line.slice(0, COMPARE_LIMITS.lineLength));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return [];
  }
}

function environmentOf({
  environment,
  dataHash,
  experimentHash,
  configHash,
}: RunRecord): RunFiles['environment'] {
  const facts: (readonly [string, unknown])[] = [
    ...(environment === undefined
      ? []
      : ([
          ['KD Workbench', environment.product],
          ['Node', environment.node],
          ['platform', environment.platform],
          ['processor', `${environment.cpu}, ${environment.cores} cores`],
          ['memory', `${environment.memoryGigabytes} GB`],
          ['reproducible', environment.reproducible],
          // A damaged record may lack them.
          ...Object.entries(Object(environment.packages) as Record<string, unknown>),
        ] as const)),
    ['data SHA-256', dataHash],
    ['experiment SHA-256', experimentHash],
    ['config SHA-256', configHash],
  ];
  // A record on disk promises text; a damaged one may hold anything.
  return facts
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) => [cut(name), cut(typeof value === 'string' ? value : JSON.stringify(value))] as const,
    )
    .slice(0, COMPARE_LIMITS.artefacts);
}

function cut(text: string): string {
  return text.slice(0, COMPARE_LIMITS.lineLength);
}
