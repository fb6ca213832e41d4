import type { Command } from 'commander';
import { UserError } from '../../protocol/errors.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import { runText } from '../../protocol/run-text.ts';
import {
  elsewhereText,
  RunQueue,
  RunStore,
  serveQueue,
  startWorker,
  thisNode,
  type RunDirectory,
} from '../../runs/index.ts';
import { enginePath, kdPath, storeHere, type CommandContext } from '../command-context.ts';
import { defineCommand } from '../define-command.ts';
import { countsText, diagnosticText } from '../diagnostic-text.ts';
import { checkFile } from '../experiment-file.ts';
import { tableText } from '../table.ts';
import { RUN_ARGUMENT } from './run-argument.ts';
import { seedsOf } from './run.ts';

/** `kd queue add|list|cancel|retry|order|limit` */
export function addQueue(program: Command): void {
  const queue = program
    .command('queue')
    .description('Run experiments one after another, or several at a time within a memory budget');
  const collect = (value: string, before: readonly string[]) => [...before, value];

  const add = queue.command('add').description('Put experiments at the end of the queue');
  add
    .argument('<file...>', 'experiment files (*.kd.yaml)')
    .option('--set <path=value>', 'change one value of each config; may be repeated', collect, [])
    .option('--seeds <list>', 'seeds of the comparison, for instance 1,2,3')
    .option('--each-seed', 'one run for each of these seeds instead of one for all');
  defineCommand(add, async (context, files, { set, seeds, eachSeed }) => {
    const overrides = set as readonly string[];
    const all = typeof seeds === 'string' ? seedsOf(seeds) : null;
    const groups = eachSeed === true && all !== null ? all.map((seed) => [seed]) : [all];
    const wanted = files.flatMap((name) => groups.map((own) => ({ name, own })));
    // All are checked before the first is queued: an error queues nothing.
    const checked = wanted.map(({ name, own }) => ({
      name,
      ...checkFile(name, context.folder, own === null ? { overrides } : { overrides, seeds: own }),
    }));
    for (const { name, text, diagnostics } of checked)
      for (const one of diagnostics) context.output.complain(`${diagnosticText(name, text, one)}\n`);
    const faulty = checked.find(({ experiment }) => experiment === null);
    if (faulty !== undefined) {
      context.output.complain(`${countsText(faulty.diagnostics)} in ${faulty.name}; nothing was queued`);
      return EXIT_CODES.failure;
    }
    const added: { readonly own: RunQueue; readonly run: RunDirectory }[] = [];
    for (const { file, root, experiment, effective } of checked) {
      if (experiment === null) continue;
      const own = new RunQueue(new RunStore(root));
      const run = own.store.create({
        ...{ name: experiment.name, config: file, configText: effective, overrides },
        ...{ seeds: experiment.compare.seeds, device: experiment.engine.device, waiting: true },
      });
      await own.add(run);
      added.push({ own, run });
    }
    // One worker a queue, not one a run: all but the first would start for nothing.
    for (const own of new Map(added.map(({ own }) => [own.folder, own])).values()) await serve(own);
    for (const { own, run } of added) {
      const place = own.state.order.indexOf(run.id) + 1;
      context.output.emit({ run: run.id, place, directory: run.path });
      if (!context.output.json)
        context.output.say(`${run.id} ${place === 0 ? 'starts' : `waits at place ${place}`}`);
    }
    return EXIT_CODES.done;
  });

  defineCommand(queue.command('list').description('What works and what waits, in order'), async (context) => {
    const own = queueHere(context);
    await serve(own);
    const { parallel, memoryMegabytes } = own.state;
    const rows = [
      ...own.started().map((run) => ({ run, place: 0 })),
      ...own.waiting().map((run, at) => ({ run, place: at + 1 })),
    ].map(({ run, place }) => {
      const record = run.record();
      const status = run.status(record);
      return {
        run: record.id,
        place,
        name: record.name,
        status,
        state: place === 0 ? runText(record, status) : 'waits',
      };
    });
    const elsewhere = own.elsewhere();
    context.output.emit({
      root: own.store.root,
      parallel,
      memoryMegabytes,
      elsewhere: elsewhere.map(({ run, pid }) => ({ run: run.id, directory: run.path, pid })),
      items: rows,
    });
    if (context.output.json) return EXIT_CODES.done;
    const limit = memoryMegabytes === null ? '' : ` within ${memoryMegabytes} MB`;
    const table = rows.map(({ run, place, name, state }) => [
      place === 0 ? '' : String(place),
      run,
      name,
      state,
    ]);
    const words = rows.length === 0 ? 'nothing waits' : tableText(['place', 'run', 'name', 'state'], table);
    const others = elsewhere.map((one) => `; ${elsewhereText(one)} works on this machine too`).join('');
    context.output.say(`${words}\n${parallel} at a time${limit}${others}`);
    return EXIT_CODES.done;
  });

  const cancel = queue
    .command('cancel')
    .description('Take a run out of the queue, or stop it where it works');
  cancel.argument(...RUN_ARGUMENT);
  defineCommand(cancel, async (context, [reference = '']) => {
    const { own, run } = runHere(context, reference);
    const outcome = await own.cancel(run);
    return tell(
      context,
      run,
      outcome === 'removed' ? 'is out of the queue' : 'stops after its step, with a checkpoint',
    );
  });

  const retry = queue
    .command('retry')
    .description('Put a run that has ended at the end of the queue; it goes on from its last checkpoint');
  retry.argument(...RUN_ARGUMENT);
  defineCommand(retry, async (context, [reference = '']) => {
    const { own, run } = runHere(context, reference);
    await own.add(run);
    await serve(own);
    return tell(context, run, 'is in the queue again');
  });

  const order = queue.command('order').description('Move a waiting run to a place, from 1');
  order.argument(...RUN_ARGUMENT).argument('<place>', 'its place among those that wait');
  defineCommand(order, async (context, [reference = '', place = '']) => {
    const { own, run } = runHere(context, reference);
    await own.move(run, positive(place, 'place'));
    return tell(context, run, `waits at place ${own.state.order.indexOf(run.id) + 1}`);
  });

  const limit = queue.command('limit').description('How many run at a time, and within how much memory');
  limit
    .option('--parallel <number>', 'runs at a time')
    .option('--memory <megabytes>', 'what all of them together may take; 0: no limit');
  defineCommand(limit, async ({ output, ...context }, _, { parallel, memory }) => {
    const own = queueHere({ output, ...context });
    const state = await own.change((now) => ({
      parallel: typeof parallel === 'string' ? positive(parallel, '--parallel') : now.parallel,
      memoryMegabytes:
        typeof memory !== 'string'
          ? now.memoryMegabytes
          : memory === '0'
            ? null
            : positive(memory, '--memory'),
    }));
    await serve(own);
    output.emit({ parallel: state.parallel, memoryMegabytes: state.memoryMegabytes });
    const budget = state.memoryMegabytes === null ? '' : ` within ${state.memoryMegabytes} MB`;
    if (!output.json) output.say(`${state.parallel} at a time${budget}`);
    return EXIT_CODES.done;
  });

  const work = queue
    .command('work', { hidden: true })
    .description('Serve the queue of a root until it is empty');
  work.argument('<root>').requiredOption('--engine <path>');
  defineCommand(work, async (_, [root = ''], { engine }) => {
    const launch = { enginePath: String(engine), node: thisNode(), permission: () => true };
    await serveQueue(new RunQueue(new RunStore(root)), launch);
    return EXIT_CODES.done;
  });
}

function queueHere(context: CommandContext): RunQueue {
  return new RunQueue(storeHere(context));
}

function runHere(context: CommandContext, reference: string): { own: RunQueue; run: RunDirectory } {
  const own = queueHere(context);
  return { own, run: own.store.open(reference) };
}

/** Whoever looks at the queue brings its worker back after a restart. */
function serve(queue: RunQueue): Promise<boolean> {
  return startWorker(queue, { node: thisNode(), kd: kdPath(), engine: enginePath() });
}

function tell({ output }: CommandContext, run: RunDirectory, words: string): number {
  output.emit({ run: run.id, status: run.status() });
  if (!output.json) output.say(`${run.id} ${words}`);
  return EXIT_CODES.done;
}

/** Throws KD7002 for anything but a whole number from 1. */
function positive(text: string, what: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UserError({
    code: 'KD7002',
    message: `${what} ${text}: not a whole number from 1`,
    help: 'write for instance 2',
  });
}
