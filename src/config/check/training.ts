import type { Fix } from '../diagnostic.ts';
import { replaceFix, type Report } from '../report.ts';
import { chosen, isRecord, type LooseConfig } from '../loose.ts';
import { own } from '../schema/navigate.ts';
import { optimizers } from '../schema/optimizers.ts';
import { plain } from '../schema/words.ts';
import { child, nodeAt, type ConfigNode, type Path } from '../syntax/node.ts';
import { labelsOfClasses } from './classes.ts';
import type { CheckContext } from './context.ts';
import type { DataFacts } from './data.ts';
import { checkLabels } from './labels.ts';
import { removeItemFix } from './fixes.ts';
import { checkReach } from './schedule-reach.ts';
import { fewestPairs } from '../../statistics/verdict.ts';

/** Above these, training hardly ever converges. */
const LARGEST_RATE: Readonly<Record<string, number>> = {
  sgd: 1,
  adam: 0.1,
  adamW: 0.1,
  rmsprop: 0.1,
  adagrad: 1,
  lamb: 0.1,
};
const USUAL_LEVEL = 0.95;

/** Schedules, rates, batch size and seeds against the length of the training and the size of the data. */
export function checkTraining(value: LooseConfig, data: DataFacts | null, context: CheckContext): void {
  const epochs = value.train?.epochs;
  checkSettings(value.train, ['train'], epochs, context);
  checkLabels(value.train, ['train'], data?.classes ?? null, context);
  for (const [name, model] of Object.entries(value.models ?? {})) {
    checkSettings(model?.train, ['models', name, 'train'], model?.train?.epochs ?? epochs, context);
    checkLabels(model?.train, ['models', name, 'train'], data?.classes ?? null, context);
  }
  (value.distill?.match ?? []).forEach((term, index) => {
    const [name, settings] = Object.entries(term ?? {})[0] ?? [];
    if (name === undefined || !isRecord(settings)) return;
    for (const [key, parameter] of Object.entries(settings)) {
      checkSchedule(parameter, ['distill', 'match', index, name, key], epochs, context);
    }
  });
  checkSchedule(value.distill?.hardLabelWeight, ['distill', 'hardLabelWeight'], epochs, context);
  checkBatch(value, data, context);
  checkSeeds(value, context);
}

function checkSettings(
  settings: LooseConfig['train'] | undefined,
  path: Path,
  epochs: number | undefined,
  context: CheckContext,
): void {
  const optimizer = chosen(settings?.optimizer);
  if (optimizer === null) return;
  const at = [...path, 'optimizer', optimizer.word, 'learningRate'];
  const rate = optimizer.settings['learningRate'];
  checkSchedule(rate, at, epochs, context);
  const largest = LARGEST_RATE[optimizer.word] ?? Infinity;
  if (typeof rate === 'number' && rate > largest) {
    warn(context, 'KD2403', at, {
      message: `a learning rate of ${rate} is unusually large for ${optimizer.word}`,
      help: `Rates up to ${largest} are usual.`,
      fixes: usualRateFix(optimizer.word, nodeAt(context.tree, at)),
    });
  }
}

function usualRateFix(optimizer: string, node: ConfigNode | undefined): Fix[] {
  const usual = own<(typeof optimizers)[keyof typeof optimizers]>(optimizers, optimizer)?.fields.learningRate
    .default;
  if (node === undefined || usual === undefined) return [];
  return [replaceFix(`Change to ${plain(usual)}`, node.place, plain(usual))];
}

/** A schedule that reaches beyond its phase never gets where it says. */
function checkSchedule(value: unknown, path: Path, epochs: number | undefined, context: CheckContext): void {
  const schedule = isRecord(value) ? chosen(value) : null;
  if (schedule === null || !['linear', 'cosine', 'step', 'warmUp', 'oneCycle'].includes(schedule.word))
    return;
  const { over, milestones, unit, then } = schedule.settings;
  const at = [...path, schedule.word];
  checkReach(schedule.word, schedule.settings, at, epochs, context);
  if (schedule.word === 'warmUp') checkSchedule(then, [...at, 'then'], epochs, context);
  if (Array.isArray(milestones)) checkMilestones(milestones, unit === 'steps', at, epochs, context);
  const length = isRecord(over) ? over['epochs'] : undefined;
  if (epochs !== undefined && typeof length === 'number' && length > epochs) {
    warn(context, 'KD2401', [...at, 'over'], {
      message: `the ${schedule.word} schedule takes ${length} epochs, but training ends after ${epochs}`,
      help: `Let it end within ${epochs} epochs, or train longer.`,
      fixes: changeFix(context, [...at, 'over', 'epochs'], epochs),
    });
  }
}

function checkMilestones(
  milestones: readonly unknown[],
  inSteps: boolean,
  path: Path,
  epochs: number | undefined,
  context: CheckContext,
): void {
  milestones.forEach((milestone, index) => {
    const before = milestones[index - 1];
    if (typeof milestone !== 'number') return;
    const at = [...path, 'milestones', index];
    if (typeof before === 'number' && milestone <= before) {
      warn(context, 'KD2401', at, {
        message: `milestone ${milestone} does not come after ${before}`,
        help: 'Sort them.',
        fixes: sortFix(milestones, nodeAt(context.tree, [...path, 'milestones'])),
      });
    } else if (!inSteps && epochs !== undefined && milestone >= epochs) {
      warn(context, 'KD2401', at, {
        message: `milestone ${milestone} is never reached: training ends after ${epochs} epochs`,
        help: 'Choose milestones below the number of epochs.',
      });
    }
  });
}

function sortFix(milestones: readonly unknown[], node: ConfigNode | undefined): Fix[] {
  const numbers = milestones.filter((value) => typeof value === 'number');
  if (node?.kind !== 'list' || !node.flow || numbers.length < milestones.length) return [];
  const sorted = [...new Set(numbers)].sort((a, b) => a - b).map(plain);
  return [replaceFix('Sort the milestones', node.place, `[${sorted.join(', ')}]`)];
}

function checkBatch(value: LooseConfig, data: DataFacts | null, context: CheckContext): void {
  const { batchSize: batch, gradientAccumulation: together = 1 } = value.train ?? {};
  const split = smallestSplit(value, data);
  if (batch === undefined || split === null) return;
  const { samples, words } = split;
  if (batch > samples) {
    warn(context, 'KD2406', ['train', 'batchSize'], {
      message: `a batch of ${batch} is larger than ${words} (${samples} samples)`,
      help: 'Use a smaller batch, so that an epoch has several steps.',
      fixes: changeFix(context, ['train', 'batchSize'], Math.max(1, 2 ** Math.floor(Math.log2(samples / 4)))),
    });
  } else if (Math.ceil(samples / batch) < together) {
    warn(context, 'KD2406', ['train', 'gradientAccumulation'], {
      message: `${together} batches of ${batch} are more than ${words} (${samples} samples)`,
      help: 'Accumulate fewer: a group ends with the epoch.',
      fixes: changeFix(context, ['train', 'gradientAccumulation'], Math.ceil(samples / batch)),
    });
  }
}

/** The fewest samples that anybody learns from: a model of some classes sees theirs alone. Null where the data is not known. */
function smallestSplit(
  value: LooseConfig,
  data: DataFacts | null,
): { readonly samples: number; readonly words: string } | null {
  if (data === null || data.trainCount === null) return null;
  const fraction = value.data?.validation?.fraction ?? 0;
  const left = (count: number) => Math.round(count * (1 - fraction));
  const { trainPerClass: counts } = data;
  const subsets = Object.entries(value.models ?? {}).flatMap(([name, model]) => {
    const labels = model?.classes === undefined ? null : labelsOfClasses(model.classes, data);
    if (labels === null || counts === null) return [];
    const samples = left(labels.reduce((sum, label) => sum + (counts[label] ?? 0), 0));
    return [{ samples, words: `what ${name} learns from, its classes alone` }];
  });
  const all = { samples: left(data.trainCount), words: 'the training split' };
  return [all, ...subsets].reduce((least, one) => (one.samples < least.samples ? one : least));
}

function checkSeeds(value: LooseConfig, { tree, report }: CheckContext): void {
  const node = nodeAt(tree, ['compare', 'seeds']);
  const seeds = value.compare?.seeds;
  if (node === undefined || seeds === undefined) return;
  seeds.forEach((seed, index) => {
    const item = child(node, index);
    if (seed === undefined || item === undefined || seeds.indexOf(seed) === index) return;
    report.add('KD2404', item.place, {
      message: `seed ${seed} stands twice`,
      help: 'Use different seeds.',
      fixes: removeItemFix(node, index, `Remove this ${seed}`),
    });
  });
  const { test = 'pairedT', level = USUAL_LEVEL } = value.compare?.statistics ?? {};
  const needed = fewestPairs({ test, level });
  if (value.compare?.baseline === true && seeds.length > 0 && seeds.length < needed) {
    report.add('KD2405', node.place, {
      message: `${seeds.length} ${seeds.length === 1 ? 'seed is' : 'seeds are'} too few for a verdict`,
      help: `With ${needed} or more it can say whether the student beats the baseline.`,
      fixes: [
        moreSeedsFix(
          node,
          seeds.filter((seed) => seed !== undefined),
          needed,
        ),
      ],
    });
  }
}

/** The seeds that are there and the smallest others, until there are enough. */
function moreSeedsFix(node: ConfigNode, seeds: readonly number[], needed: number): Fix {
  const all = [...seeds];
  for (let seed = 1; all.length < needed; seed += 1) if (!all.includes(seed)) all.push(seed);
  const list = `[${all.join(', ')}]`;
  return replaceFix(`Use the seeds ${list}`, node.place, list);
}

function changeFix({ tree }: CheckContext, path: Path, value: number): Fix[] {
  const node = nodeAt(tree, path);
  return node === undefined ? [] : [replaceFix(`Change to ${value}`, node.place, String(value))];
}

function warn(
  { tree, report }: CheckContext,
  code: Parameters<Report['add']>[0],
  path: Path,
  fault: Parameters<Report['add']>[2],
): void {
  const node = nodeAt(tree, path);
  if (node !== undefined) report.add(code, node.place, fault);
}
