/** How several teachers become one page of a book. */
export interface MergePlan {
  /** What is averaged: softened probabilities, or logits. */
  readonly ensemble: 'probabilities' | 'logits';
  /** τ at which probabilities are merged, and at which students read them. */
  readonly temperature: number;
  /** Whether a page whose largest entry is not the true class has the two exchanged. */
  readonly correct: 'none' | 'swap';
  /** ρ: share of the true class that is mixed in. */
  readonly blend: number;
}

/** Keeps logarithms finite; below what float32 softmax tells from 0. */
const SMALLEST_PROBABILITY = 1e-37;

/**
 * The page of one sample, as logits z with softmax(z / τ) = k (BookKD, Zhu et al. 2023; the equations are inferred):
 *
 *     k̄ = 1/M Σₘ softmax(z_m / τ)        or softmax(1/M Σₘ z_m / τ)
 *     k = swap(k̄; argmax k̄, y)           where `correct: swap` and argmax k̄ ≠ y
 *     k = (1 − ρ) k + ρ onehot(y)
 *
 * One teacher without regularisation is written as it speaks.
 *
 * @param said logits `[classes]` of each teacher
 * @param label true class; null: nothing is corrected, as on samples that only measure
 */
export function mergedPage(
  { ensemble, temperature, correct, blend }: MergePlan,
  said: readonly Float32Array[],
  label: number | null,
): Float32Array {
  const [first = new Float32Array()] = said;
  const regularised = label !== null && (correct !== 'none' || blend > 0);
  if (said.length === 1 && !regularised) return first;
  const page = new Float64Array(first.length);
  if (ensemble === 'probabilities') {
    for (const logits of said)
      softmax(logits, temperature).forEach((value, k) => add(page, k, value / said.length));
  } else {
    const mean = new Float64Array(first.length);
    for (const logits of said) logits.forEach((value, k) => add(mean, k, value / said.length));
    if (!regularised) return Float32Array.from(mean);
    page.set(softmax(mean, temperature));
  }
  if (label !== null && correct === 'swap') {
    const top = page.indexOf(Math.max(...page));
    [page[top], page[label]] = [page[label] ?? 0, page[top] ?? 0];
  }
  return Float32Array.from(page, (value, k) => {
    const probability = label === null ? value : (1 - blend) * value + (k === label ? blend : 0);
    return temperature * Math.log(Math.max(probability, SMALLEST_PROBABILITY));
  });
}

function add(values: Float64Array, at: number, value: number): void {
  values[at] = (values[at] ?? 0) + value;
}

function softmax(logits: Float32Array | Float64Array, temperature: number): Float64Array {
  const largest = Math.max(...logits);
  const powers = Float64Array.from(logits, (value) => Math.exp((value - largest) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}
