import { phasesOf } from '../phases/phases.ts';
import { bytesText, phaseMemory, stepsOf } from '../estimate.ts';
import type { Analysis } from '../analyze.ts';
import type { ConfigValue } from '../loose.ts';
import { entryOf, keyPlace, nodeAt, type ConfigNode, type Path, type Place } from '../syntax/node.ts';
import { analysisOf } from './context.ts';
import { count } from './markdown.ts';
import { sharesOf, triedOf, type Tried } from './dry-run-hints.ts';
import { pairFactsAt } from './pair-facts.ts';
import type { Hint, LanguageContext, Measured } from './types.ts';

/** What follows from what is written: steps, sizes of models, shapes and adapters of pairs, memory and time. */
export function hintsIn(text: string, context: LanguageContext): Hint[] {
  const analysis = analysisOf(text, context);
  if (analysis.tree === null) return [];
  const measured = context.measured?.() ?? null;
  const tried = triedOf(text, context);
  return [
    ...epochHints(analysis),
    ...modelHints(analysis),
    ...pairHints(analysis),
    ...termHints(analysis, tried),
    ...costHints(analysis, measured, tried),
  ];
}

/** Behind each term, how strongly it pulled in the last dry run; behind `match` where that is of another config. */
function termHints(analysis: Analysis, tried: Tried | null): Hint[] {
  const { tree } = analysis;
  const match = ['distill', 'match'];
  if (tree === null || tried === null || entryOf(tree, 'distill') === undefined) return [];
  const names = (analysis.value.distill?.match ?? []).map((term) => Object.keys(term ?? {})[0] ?? '');
  if (nodeAt(tree, match)?.kind !== 'list') return [];
  if (tried.isStale) {
    const tooltip =
      'The config has changed since its last dry run. Try it again to see the share of each term.';
    return hintAt(keyPlace(tree, match), 'dry run is stale', tooltip, analysis, 1);
  }
  return sharesOf(tried.report, names).flatMap((share, at) => {
    const tooltip =
      'Norm of its weighted gradient at the student, of the sum over all terms, when training began in the last dry run.';
    return share === null
      ? []
      : hintAt(keyPlace(tree, [...match, at, names[at] ?? '']), share, tooltip, analysis, 1);
  });
}

/** Behind the epochs of the experiment, and of each model's own training. */
function epochHints(analysis: Analysis): Hint[] {
  const { value, data, models } = analysis;
  const fraction = value.data?.validation?.fraction;
  const own = Object.entries(value.models ?? {}).map(
    ([name, model]) => [['models', name, 'train', 'epochs'], model?.train, name] as const,
  );
  const all = [[['train', 'epochs'], value.train, value.distill?.to ?? ''] as const, ...own];
  return all.flatMap(([path, settings, model]) => {
    const epochs = settings?.epochs;
    const batch = settings?.batchSize ?? value.train?.batchSize;
    const classes = models.get(model)?.classes ?? null;
    const steps =
      fraction === undefined || batch === undefined ? null : stepsOf(data, fraction, batch, classes);
    if (steps === null || epochs === undefined) return [];
    const label = `${count(steps.perEpoch)} steps each, ${count(steps.perEpoch * epochs)} in all`;
    const tooltip = `${count(steps.samples)} samples are left for training, in batches of ${count(batch ?? 0)}.`;
    return hintBehind(path, label, tooltip, analysis);
  });
}

function modelHints(analysis: Analysis): Hint[] {
  return [...analysis.models.values()].flatMap(({ name, description, exact, earlier }) => {
    if (!exact) return [];
    const path = ['models', name, earlier === null ? 'architecture' : 'run'];
    const accuracy = earlier?.accuracy ?? null;
    const label = `${short(description.parameters)} parameters${accuracy === null ? '' : `, accuracy ${(100 * accuracy).toFixed(1)} %`}`;
    const tooltip = `${count(description.parameters)} trainable parameters, ${count(description.multiplyAdds)} multiply-adds for one sample.`;
    return hintBehind(path, label, tooltip, analysis);
  });
}

function pairHints(analysis: Analysis): Hint[] {
  return (analysis.value.distill?.match ?? []).flatMap((term, at) => {
    const [name = ''] = Object.keys(term ?? {});
    const path = ['distill', 'match', at, name, 'pairs'];
    const list = nodeAt(analysis.tree ?? undefined, path);
    if (list?.kind !== 'list') return [];
    return list.items.flatMap((_, index) => {
      const own = [...path, index];
      const facts = pairFactsAt(own, analysis);
      if (facts === null) return [];
      const { shapes, adapterParameters, method } = facts;
      const [teacher, student] = [shapes.teacher.join('×'), shapes.student.join('×')];
      const sizes = teacher === student ? teacher : `${teacher} from ${student}`;
      const adapter =
        adapterParameters === null || adapterParameters === 0 ? '' : `, adapter ${short(adapterParameters)}`;
      return hintBehind(own, sizes + adapter, method.mismatch ?? method.summary, analysis);
    });
  });
}

/** Behind `train`: memory at least, and the time by the last dry run, or else by the steps of the last run of this file. */
function costHints(analysis: Analysis, measured: Measured | null, tried: Tried | null): Hint[] {
  const { tree, report, data, models } = analysis;
  const entry = entryOf(tree ?? undefined, 'train');
  if (report.failed || data === null || tree === null || entry === undefined || analysis.partial) return [];
  // Without an error nothing was left out.
  const value = analysis.value as ConfigValue;
  const phases = phasesOf(value);
  const settings = (phase: (typeof phases)[number]) =>
    'model' in phase.settingsOf
      ? { ...value.train, ...value.models[phase.settingsOf.model]?.train }
      : value.train;
  const memory = Math.max(0, ...phases.map((phase) => phaseMemory(phase, settings(phase), models).memory));
  const seeds = value.compare.seeds?.length ?? 1;
  const times = phases.map((phase) => {
    const classes = models.get(phase.train[0]?.model ?? '')?.classes ?? null;
    const steps = stepsOf(data, value.data.validation.fraction, settings(phase).batchSize, classes);
    const known = measured?.phases.find(({ name }) => name === phase.name);
    return steps === null || known === undefined
      ? null
      : (phase.perSeed ? seeds : 1) * phase.epochs * steps.perEpoch * known.millisecondsPerStep;
  });
  const known = times.filter((time) => time !== null);
  const dry = tried === null || tried.isStale ? null : tried.report;
  const stepped =
    known.length === times.length && known.length > 0 ? known.reduce((sum, one) => sum + one, 0) : null;
  const milliseconds = dry === null ? stepped : 1000 * dry.seconds;
  const time = milliseconds === null ? '' : `, about ${durationText(milliseconds)}`;
  const stepsOfRun = stepped === null || measured === null ? [] : [`Time by the steps of ${measured.run}.`];
  const tooltip = [
    'Memory of the largest phase, at least: weights, gradients, the state of the optimizer and the maps of one batch.',
    ...(dry === null
      ? stepsOfRun
      : [`Time by the last dry run, in which the whole process took ${Math.round(dry.peakMegabytes)} MB.`]),
  ].join(' ');
  return hintAt(keyPlace(tree, ['train']), `${bytesText(memory)}${time}`, tooltip, analysis, 1);
}

function hintBehind(path: Path, label: string, tooltip: string, analysis: Analysis): Hint[] {
  const node: ConfigNode | undefined = nodeAt(analysis.tree ?? undefined, path);
  return node === undefined ? [] : hintAt(node.place, label, tooltip, analysis);
}

/** Only in the file itself: what a base says has its hints there. */
function hintAt(place: Place, label: string, tooltip: string, { source }: Analysis, behind = 0): Hint[] {
  if (place.source !== source || place.end <= place.start) return [];
  const end = source.text.slice(0, place.end).trimEnd().length;
  return [{ position: source.positionAt(end + behind), label, tooltip }];
}

/** `7 min`, `2.5 h` */
function durationText(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  if (minutes < 1) return `${Math.ceil(milliseconds / 1000)} s`;
  return minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** `78 k`, `1.2 M` */
function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  return value >= 1e4 ? `${Math.round(value / 1e3)} k` : count(value);
}
