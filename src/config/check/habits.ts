import { findMethod } from '../../methods/index.ts';
import type { Method } from '../../methods/method.ts';
import type { Fix } from '../diagnostic.ts';
import { chosen, isRecord, type LooseConfig } from '../loose.ts';
import { replaceFix, type Report } from '../report.ts';
import { plain } from '../schema/words.ts';
import { keyPlace, nodeAt, type Path, type Place } from '../syntax/node.ts';
import type { CheckContext } from './context.ts';
import type { DataFacts } from './data.ts';
import { listOf, schemeOf } from './meetings.ts';
import type { ResolvedModel } from './models.ts';
import { placedTerms } from './placed-terms.ts';

const COLDEST = 1;
const HOTTEST = 20;
const CUSTOMARY_TEMPERATURE = 4;
const DROWNING_WEIGHT = 100;
/** Weights of answers that people multiply by T² a second time. */
const USUAL_WEIGHTS = [0.1, 0.5, 0.9, 1];
/** Methods with a part that compares the classes beside the true one. */
const BESIDE_THE_TARGET: readonly string[] = ['dkd', 'nkd'];

/** What is allowed together but known not to work, or not to be what its name says. */
export function checkHabits(
  value: LooseConfig,
  data: DataFacts | null,
  models: ReadonlyMap<string, ResolvedModel>,
  context: CheckContext,
): void {
  for (const { name, settings, path } of placedTerms(value)) {
    checkTemperature(settings['temperature'], [...path, 'temperature'], context);
    const method = findMethod(name);
    if (method === undefined) continue;
    checkWeight(method, settings, [...path, 'weight'], context);
    if (name === 'codistillation' && value.phases === undefined)
      checkCodistillation(value, models, keyPlace(context.tree, path), context);
    if (data?.classes === 2 && BESIDE_THE_TARGET.includes(name)) {
      context.report.add('KD2408', keyPlace(context.tree, path), {
        message: `${name} ranks the classes beside the true one, and of 2 classes only one is left`,
        help: 'Use kd.',
      });
    }
  }
}

/** Co-distillation is between networks of one architecture that hear each other's older weights (Anil et al. 2018, section 2). */
function checkCodistillation(
  value: LooseConfig,
  models: ReadonlyMap<string, ResolvedModel>,
  place: Place,
  context: CheckContext,
): void {
  const { word, settings } = schemeOf(value);
  const fault = (message: string, help: string, fixes: Fix[] = []) =>
    context.report.add('KD2412', place, { message, help, fixes });
  const scheme = nodeAt(context.tree, ['distill', 'scheme']);
  const exchange = 'exchange: { steps: 50 }';
  const architectureOf = (name: string) => models.get(name)?.graph.architecture;
  const own = architectureOf(value.distill?.to ?? 'student');
  const other = listOf(settings['peers']).find((name) => (architectureOf(name) ?? own) !== own);
  if (word !== 'online')
    fault(
      `codistillation is between peers, and under ${word} it is plain distillation by this loss`,
      `Choose \`scheme: { online: { ${exchange} } }\`, or kd in its place.`,
    );
  else if (settings['exchange'] === undefined)
    fault(
      'without `exchange` the peers hear each other in the same step: that is mutual learning by this loss',
      `Give the scheme \`online\` an \`${exchange}\`, or use dml.`,
      scheme?.kind === 'scalar'
        ? [replaceFix('Exchange weights every 50 steps', scheme.place, `{ online: { ${exchange} } }`)]
        : [],
    );
  else if (other !== undefined)
    fault(
      `codistillation is between networks of one architecture, and "${other}" is ${architectureOf(other) ?? ''} where the student is ${own ?? ''}`,
      'Give the scheme `online` a number of peers, or use dml.',
    );
}

/** A temperature, or those between which a schedule moves. */
function checkTemperature(value: unknown, path: Path, context: CheckContext): void {
  if (isRecord(value)) {
    const schedule = chosen(value);
    for (const key of ['value', 'from', 'to', 'then']) {
      checkTemperature(schedule?.settings[key], [...path, schedule?.word ?? '', key], context);
    }
  }
  // A temperature of 0 is no habit but an error.
  if (typeof value !== 'number' || value === 0 || (value >= COLDEST && value <= HOTTEST)) return;
  const effect =
    value < COLDEST ? 'sharpens the answers instead of softening them' : 'makes all answers nearly alike';
  warn(context, 'KD2402', path, CUSTOMARY_TEMPERATURE, {
    message: `a temperature of ${value} ${effect}`,
    help: `Temperatures from ${COLDEST} to ${HOTTEST} are usual; ${CUSTOMARY_TEMPERATURE} is the customary one.`,
  });
}

function checkWeight(
  { knowledge, formula, defaultWeight }: Method,
  { weight, temperature }: Readonly<Record<string, unknown>>,
  path: Path,
  context: CheckContext,
): void {
  if (typeof weight !== 'number' || knowledge !== 'response') return;
  const squared = typeof temperature === 'number' && formula.includes('T²') ? temperature ** 2 : 1;
  const divided = isRound(weight) ? undefined : dividedBy(squared, weight, defaultWeight.value);
  const meant = [defaultWeight.value, ...USUAL_WEIGHTS].find((usual) => isClose(usual * squared, weight));
  if (squared > 1 && weight > 1 && meant !== undefined) {
    warn(context, 'KD2407', path, meant, {
      message: `a weight of ${plain(weight)} is ${plain(meant)} · T² with T = ${plain(Math.sqrt(squared))}, and T² is already part of the loss`,
      help: `Give the weight without T²: ${plain(meant)}.`,
    });
  } else if (squared > 1 && divided !== undefined) {
    warn(context, 'KD2409', path, divided, {
      message: `a weight of ${plain(weight)} is ${plain(divided)} / T² with T = ${plain(Math.sqrt(squared))}, as if the loss had no T² of its own`,
      help: `Give the weight itself: ${plain(divided)}.`,
    });
  } else if (weight >= DROWNING_WEIGHT) {
    warn(context, 'KD2403', path, defaultWeight.value, {
      message: `a weight of ${weight} drowns the hard labels${temperature === undefined ? '' : ': T² is already part of the loss'}`,
      help: `${defaultWeight.value} is customary (${defaultWeight.source}).`,
    });
  }
}

/** The usual weight of which this is the part without T². */
function dividedBy(squared: number, weight: number, customary: number): number | undefined {
  return [customary, ...USUAL_WEIGHTS].find((usual) => isClose(usual / squared, weight));
}

/** One digit that counts: 0.05, 0.9. A round weight means itself. */
function isRound(weight: number): boolean {
  return isClose(Number(weight.toPrecision(1)), weight);
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.abs(b);
}

/** Only what the file itself says is worth a warning; `better` is offered in its place. */
function warn(
  { tree, report }: CheckContext,
  code: 'KD2402' | 'KD2403' | 'KD2407' | 'KD2409',
  path: Path,
  better: number,
  fault: Omit<Parameters<Report['add']>[2], 'fixes'>,
): void {
  const node = nodeAt(tree, path);
  if (node === undefined) return;
  const fixes: Fix[] = [replaceFix(`Change to ${plain(better)}`, node.place, plain(better))];
  report.add(code, node.place, { ...fault, fixes });
}
