/**
 * The engine process:
 *
 *     engine.cjs train RUN_DIRECTORY    work on a queued run to its end
 *     engine.cjs verify DEVICE [DIR]    recompute golden fixtures, JSON on standard output
 *     engine.cjs try-tensorflow DIR     test an installed package, JSON on standard output
 *     engine.cjs try-cuda DIR           test an installed CUDA provider, JSON on standard output
 *     engine.cjs export RUN_DIRECTORY MODEL FORMAT OUT BATCH    write a trained model alone, JSON on standard output
 *     engine.cjs match run RUN_DIRECTORY '' OPTIONS    compare layers of kept models, JSON on standard output
 *     engine.cjs match config FILE ROOT OPTIONS        the same before training
 *     engine.cjs gap RUN_DIRECTORY QUESTION    measure a student against its teachers, JSON on standard output
 *     engine.cjs doctor                 try the executors, JSON on standard output
 *     engine.cjs dry-run FILE ROOT      take a few steps of every phase, JSON on standard output
 *     engine.cjs profile FILE ROOT [whole]   measure the steps of an experiment, JSON on standard output
 *     engine.cjs book build|check FILE ROOT [PATH=VALUE]...   write or check its books, JSON on standard output
 */
import { dirname, join } from 'node:path';
import { EXIT_CODES } from '../protocol/exit-codes.ts';
import { book } from './book.ts';
import { doctor } from './doctor.ts';
import { dryRun } from './dry-run.ts';
import { exportModel } from './export.ts';
import { complain } from './failure.ts';
import { gap, gapQuestion } from './gap.ts';
import { keepYoungSpaceSmall } from './heap.ts';
import { live, Terminated } from './life.ts';
import { matchConfig, matchRun, type MatchOptions } from './match.ts';
import { profile } from './profile.ts';
import { train } from './train.ts';
import { tryCuda } from './try-cuda.ts';
import { tryTensorFlow } from './try-tensorflow.ts';
import { verify } from './verify.ts';

const [script = '', task, argument, root] = process.argv.slice(1);
const bundles = dirname(script);
keepYoungSpaceSmall();

function work(): Promise<number> {
  if (task === 'train' && argument !== undefined) {
    return live(argument, join(bundles, 'engine-worker.cjs'), train);
  }
  if (task === 'verify' && argument !== undefined) return verify(argument, root, bundles);
  if (task === 'try-tensorflow' && argument !== undefined) return tryTensorFlow(argument);
  if (task === 'try-cuda' && argument !== undefined) return tryCuda(argument);
  if (task === 'export' && argument !== undefined) {
    const [model = '', format, out = '', batch] = process.argv.slice(4);
    if (format === 'onnx' || format === 'safetensors')
      return exportModel({ directory: argument, model, format, out, batch: Number(batch) });
  }
  if (task === 'match') {
    const [what, target = '', folder = '', options = ''] = process.argv.slice(3);
    const chosen = JSON.parse(options) as MatchOptions;
    if (what === 'run') return matchRun(target, chosen);
    if (what === 'config') return matchConfig(target, folder, chosen);
  }
  if (task === 'gap' && argument !== undefined && root !== undefined) {
    const question = gapQuestion(root);
    if (question !== null) return gap(argument, question);
  }
  if (task === 'doctor') return doctor();
  if (task === 'dry-run' && argument !== undefined && root !== undefined) return dryRun(argument, root);
  if (task === 'profile' && argument !== undefined && root !== undefined)
    return profile(argument, root, process.argv[5]);
  if (task === 'book' && (argument === 'build' || argument === 'check')) {
    const [file, folder, ...overrides] = process.argv.slice(4);
    if (file !== undefined && folder !== undefined) return book(argument, file, folder, overrides);
  }
  process.stderr.write('KD7006 the engine is started by `kd`, not by hand\n  next: kd --help\n');
  return Promise.resolve(EXIT_CODES.usage);
}

work().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    // The work that was given up would keep the process.
    if (error instanceof Terminated) process.exit(EXIT_CODES.stopped);
    process.exitCode = complain(error);
  },
);
