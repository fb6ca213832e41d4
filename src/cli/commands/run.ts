import type { Command } from 'commander';
import { UserError } from '../../protocol/errors.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { hardwareOf } from '../../protocol/hardware.ts';
import { requireFreeDevice, RunStore } from '../../runs/index.ts';
import { defineCommand } from '../define-command.ts';
import { usableFile } from '../experiment-file.ts';
import { startAndWatch } from '../watch-run.ts';

/** `kd run FILE [--set path=value]... [--seeds 1,2,3] [--beside] [--detach]` */
export function addRun(program: Command): void {
  const command = program.command('run').description('Run all phases of an experiment under all its seeds');
  const collect = (value: string, before: readonly string[]) => [...before, value];
  command
    .argument('<file>', 'an experiment file (*.kd.yaml)')
    .option(
      '--set <path=value>',
      'change one value of the config; the value is YAML; may be repeated',
      collect,
      [],
    )
    .option('--seeds <list>', 'seeds of the comparison, for instance 1,2,3')
    .option('--beside', 'start although another run is working on this machine')
    .option('--detach', 'return as soon as it trains; the engine goes on by itself');
  defineCommand(command, (context, [name = ''], { set, seeds: list, detach, beside }) => {
    const { output, folder } = context;
    const overrides = set as readonly string[];
    const changes = typeof list === 'string' ? { overrides, seeds: seedsOf(list) } : { overrides };
    const checked = usableFile(name, folder, { ...changes, output, done: 'started' });
    if (checked === null) return EXIT_CODES.failure;
    const { file, root, experiment, effective } = checked;
    const { seeds } = experiment.compare;
    const { device } = experiment.engine;
    const store = new RunStore(root);
    if (beside !== true) requireFreeDevice(store, hardwareOf({ device }));
    const run = store.create({
      name: experiment.name,
      config: file,
      configText: effective,
      overrides,
      seeds,
      device,
    });
    return startAndWatch(run, { output, detach: detach === true });
  });
}

/** `1,2,3` as numbers. Throws KD7002 for anything but different whole numbers. */
export function seedsOf(list: string): readonly number[] {
  const parts = list.split(',').map((part) => part.trim());
  if (!parts.every((seed) => /^\d{1,9}$/.test(seed)) || new Set(parts.map(Number)).size < parts.length) {
    throw new UserError({
      code: 'KD7002',
      message: `--seeds ${list}: not a list of different whole numbers`,
      help: 'write for instance --seeds 1,2,3',
    });
  }
  return parts.map(Number);
}
