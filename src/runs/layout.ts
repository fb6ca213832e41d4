import { join } from 'node:path';

/** Names of everything in a run directory. Other tools read these; additions are free, changes are breaking. */
export const FILES = {
  config: 'config.yaml',
  record: 'run.json',
  metrics: 'metrics.jsonl',
  events: 'events.jsonl',
  /** The metrics once more, as TensorBoard reads them. */
  tensorBoard: 'events',
  gap: join('gap', 'gap.jsonl'),
  /** Beside it: a report of each student, `gap/student-1.json`. */
  gapReports: 'gap',
  attention: join('gap', 'attention.jsonl'),
  similarity: join('similarity', 'similarity.jsonl'),
  /** The layers of teacher and student, and what it takes to match them. */
  layers: 'layers.json',
  pictures: join('pictures', 'pictures.jsonl'),
  verdict: 'verdict.json',
  /** What people say of the run. */
  labels: 'labels.json',
  log: 'log.txt',
  checkpoints: 'checkpoints',
  /** The best weights by validation, one folder each; checkpoints name them. */
  best: 'best',
  models: 'models',
  /** One claim a process that wants to be the engine of the run. */
  locks: 'locks',
  /** Touched by the engine every few seconds. */
  heartbeat: 'heartbeat',
  /** Its presence asks the engine to stop; works where no socket reaches. */
  stop: 'stop',
  /** As long as it is there the engine waits, after a checkpoint. */
  pause: 'pause',
  /** One claim a process that asks the engine for something. */
  control: 'control',
  /** In the folder of the queue: what waits, in order. */
  queue: 'queue.json',
  /** What the engine's process wrote to its standard streams. */
  stdout: 'stdout.txt',
  stderr: 'stderr.txt',
} as const;

/** Folder of all runs below the experiment's root. */
export const RUNS_FOLDER = join('.kd', 'runs');
/** Of the queue of a root. */
export const QUEUE_FOLDER = join('.kd', 'queue');
export const TRASH_FOLDER = join('.kd', 'trash');
