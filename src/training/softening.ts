import type { Feeds } from '../executors/executor.ts';
import type { RunWriter } from '../runs/writer.ts';
import type { Job } from './jobs.ts';
import type { Lesson } from './lesson.ts';
import type { PhaseProgram } from './phase-program.ts';

/** So hot that every softened answer is nearly even, and what follows holds whatever the logits are. */
const HOT = 64;
/** Half way between what a loss with T² gives and one without, on a scale of powers. */
const LEAST_RATIO = 0.5;

/**
 * Says aloud where a softened loss lacks its T². With hot answers, softmax(z / T) ≈ (1 + (z − z̄) / T) / K, the gradient is
 *
 *     with T²     T² · 1/T · (z_s − z_t) / (T·K)    the same at every temperature
 *     without          1/T · (z_s − z_t) / (T·K)    a quarter when the temperature doubles
 *
 * (Hinton, Vinyals, Dean 2015, section 2), so that two temperatures tell which it is. Only the gradients are looked at: nothing
 * moves.
 *
 * @param feeds of the graph of gradient shares
 */
export async function warnOfLostSquare(
  writer: RunWriter,
  program: PhaseProgram,
  { phase, seed }: Job,
  feeds: Feeds,
): Promise<void> {
  const softened = program.plan.learner.lessons.filter(isSoftened);
  if (softened.length === 0) return;
  const normsAt = (temperature: number) => {
    const hot = softened.map(({ id }) => [nameOf(id), Float32Array.of(temperature)] as const);
    return program.run('shares', { ...feeds, ...Object.fromEntries(hot) });
  };
  const once = await normsAt(HOT);
  const twice = await normsAt(2 * HOT);
  for (const { id } of softened) {
    const norm = (of: Awaited<ReturnType<typeof normsAt>>) => of[`gradientNorm/${id}`]?.[0] ?? NaN;
    const ratio = norm(twice) / norm(once);
    if (!(ratio < LEAST_RATIO)) continue;
    const message = `The pull of the term "${id}" falls with the square of its temperature: its loss lacks the factor T², so that it hardly counts beside the hard labels.`;
    writer.event({ kind: 'guard', phase: phase.name, seed, message });
  }
}

function isSoftened({ term }: Lesson): boolean {
  return 'temperature' in term.scheduled && term.method.formula.includes('T²');
}

function nameOf(id: string): string {
  return `parameter/${id}/temperature`;
}
