import { phasesOf } from '../phases/phases.ts';
import { bytesText, phaseMemory, stepsOf } from '../estimate.ts';
import type { Analysis } from '../analyze.ts';
import type { ConfigValue } from '../loose.ts';
import { entryOf, keyPlace, nodeAt, type ConfigNode, type Path, type Place } from '../syntax/node.ts';
import { analysisOf } from './context.ts';
import { count } from './markdown.ts';
import { pairFactsAt } from './pair-facts.ts';
import type { Hint, LanguageContext, Measured } from './types.ts';

/** What follows from what is written: steps, sizes of models, shapes and adapters of pairs, memory and time. */
export function hintsIn(text: string, context: LanguageContext): Hint[] {
  const analysis = analysisOf(text, context);
  if (analysis.tree === null) return [];
  const measured = context.measured?.() ?? null;
  return [
    ...epochHints(analysis),
    ...modelHints(analysis),
    ...pairHints(analysis),
    ...costHints(analysis, measured),
  ];
}

/** Behind the epochs of the experiment, and of each model's own training. */
function epochHints(analysis: Analysis): Hint[] {
  const { value, data } = analysis;
  const fraction = value.data?.validation?.fraction;
  const own = Object.entries(value.models ?? {}).map(
    ([name, model]) => [['models', name, 'train', 'epochs'], model?.train] as const,
  );
  return [[['train', 'epochs'], value.train] as const, ...own].flatMap(([path, settings]) => {
    const epochs = settings?.epochs;
    const batch = settings?.batchSize ?? value.train?.batchSize;
    const steps = fraction === undefined || batch === undefined ? null : stepsOf(data, fraction, batch);
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

/** Behind `train`: memory at least, and the time that the last run of this file took for its steps. */
function costHints(analysis: Analysis, measured: Measured | null): Hint[] {
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
    const steps = stepsOf(data, value.data.validation.fraction, settings(phase).batchSize);
    const known = measured?.phases.find(({ name }) => name === phase.name);
    return steps === null || known === undefined
      ? null
      : (phase.perSeed ? seeds : 1) * phase.epochs * steps.perEpoch * known.millisecondsPerStep;
  });
  const known = times.filter((time) => time !== null);
  const time =
    known.length === times.length && known.length > 0
      ? `, about ${durationText(known.reduce((sum, one) => sum + one, 0))}`
      : '';
  const tooltip = [
    'Memory of the largest phase, at least: weights, gradients, the state of the optimizer and the maps of one batch.',
    ...(time === '' || measured === null ? [] : [`Time by the steps of ${measured.run}.`]),
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
