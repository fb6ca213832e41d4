import { jsonNumber } from '../measures/rows.ts';
import type { TargetsPicture } from '../protocol/records.ts';
import type { Lesson } from './lesson.ts';
import { headOf, lookStep, type Drawn } from './lesson-look.ts';
import type { PhasePlan } from './plan.ts';
import { refineAll } from './refiners.ts';
import { temperatureOf } from './say.ts';
import type { Step } from './steps.ts';

/** Images that are drawn in every epoch. */
const TARGET_IMAGES = 4;
/** Classes that are told of an image: the likeliest before or after. */
const MOST_ANSWERS = 8;

/** Lessons of the first learner whose refiners change the answers of finished models. */
function refined({ learner }: PhasePlan): readonly Lesson[] {
  return learner.lessons.filter(
    ({ refiners, speakers }) =>
      refiners.some(({ refiner }) => refiner.changes === 'logits') &&
      speakers.length > 0 &&
      speakers.every(({ kind }) => kind === 'frozen'),
  );
}

/** Whether any answers of a phase are refined. */
export function refinesTargets(plan: PhasePlan): boolean {
  return refined(plan).length > 0;
}

/**
 * What a teacher says before and after the refiners of each lesson, softened by the temperature T of the term, in inference:
 *
 *     before = softmax(z / T),   after = softmax(z′ / T)        z, z′: [batch, classes]
 *
 * Outputs: `before/<lesson>` and `after/<lesson>`.
 */
export function targetsStep(plan: PhasePlan, batch: number): Step {
  return lookStep(plan, batch, refined(plan), (ops, lesson, said, given) => {
    const { id, term, refiners } = lesson;
    const { sides } = refineAll(ops, refiners, said, given);
    const temperature = temperatureOf(given.scalars, id, term.plain['temperature']);
    const softened = ({ logits }: typeof said.teacher) => ops.softmax(ops.div(logits, temperature));
    return { [`before/${id}`]: softened(said.teacher), [`after/${id}`]: softened(sides.teacher) };
  });
}

/** Records the targets of the first validation images before and after refinement, after an epoch. */
export async function recordTargets(drawn: Drawn): Promise<void> {
  const { program, batch, feeds, classes } = drawn;
  if (program.sizes.targets === undefined) return;
  const fetched = await program.run('targets', feeds);
  const shown = Math.min(TARGET_IMAGES, batch.count);
  const labels = batch.labels.subarray(0, shown);
  const sets = refined(program.plan).map(({ id, term, refiners }): TargetsPicture['sets'][number] => {
    const plain = term.plain['temperature'];
    const row = (name: string, image: number) =>
      Array.from((fetched[name] ?? []).slice(image * classes.length, (image + 1) * classes.length));
    return {
      term: id,
      refiners: refiners.flatMap(({ refiner: { changes, name } }) => (changes === 'logits' ? [name] : [])),
      temperature: feeds[`parameter/${id}/temperature`]?.[0] ?? (typeof plain === 'number' ? plain : 1),
      images: Array.from(labels, (label, image) =>
        likeliest(classes, label, row(`before/${id}`, image), row(`after/${id}`, image)),
      ),
    };
  });
  drawn.writer.picture({
    kind: 'targets',
    ...headOf(drawn),
    samples: Array.from(batch.indices.subarray(0, shown)),
    labels: Array.from(labels, (label) => nameOf(classes, label)),
    sets,
  });
}

function nameOf(classes: readonly string[], label: number): string {
  return classes[label] ?? String(label);
}

/** The likeliest classes of either, and the label, in the order of the classes. */
function likeliest(
  classes: readonly string[],
  label: number,
  before: readonly number[],
  after: readonly number[],
): TargetsPicture['sets'][number]['images'][number] {
  const rank = (k: number) => (k === label ? Infinity : Math.max(before[k] ?? 0, after[k] ?? 0));
  return Array.from(before.keys())
    .sort((a, b) => rank(b) - rank(a) || a - b)
    .slice(0, MOST_ANSWERS)
    .sort((a, b) => a - b)
    .map((k) => ({
      class: nameOf(classes, k),
      before: rounded(before[k] ?? NaN),
      after: rounded(after[k] ?? NaN),
    }));
}

/** Four digits behind the point: a hundredth of a per cent. */
function rounded(value: number) {
  return jsonNumber(Math.round(value * 1e4) / 1e4);
}
