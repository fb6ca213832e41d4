/**
 * Thinning of a curve to what a screen can show.
 *
 * The steps are cut into buckets of width 2^level; a bucket keeps its first, last, lowest and highest point and its
 * first value that is no finite number. So extremes survive and every point shown is one that was recorded.
 * The level is the smallest that leaves at most `MAX_BUCKETS` buckets. Both depend on the points alone, and
 *
 *     thin(thin(a) ++ b) = thin(a ++ b)
 *
 * so a curve that grew by deltas equals the one read afresh from the file.
 */
export interface CurvePoint {
  readonly step: number;
  readonly epoch: number;
  /** Seconds since 1970; 0: not known. */
  readonly time: number;
  readonly value: number;
}

export const MAX_BUCKETS = 400;

interface Bucket {
  index: number;
  first: CurvePoint;
  last: CurvePoint;
  lowest: CurvePoint | null;
  highest: CurvePoint | null;
  broken: CurvePoint | null;
}

export class Curve {
  readonly #buckets: Bucket[] = [];
  #width = 1;
  #points: readonly CurvePoint[] | null = null;

  /** Takes the next point. False, and nothing kept, when its step lies before the last one. */
  append(point: CurvePoint): boolean {
    const tail = this.#buckets.at(-1);
    if (tail !== undefined && point.step < tail.last.step) return false;
    const index = Math.floor(point.step / this.#width);
    const single = bucketOf(index, point);
    if (tail?.index === index) absorb(tail, single);
    else this.#buckets.push(single);
    while (this.#buckets.length > MAX_BUCKETS) this.#widen();
    this.#points = null;
    return true;
  }

  /** The points kept, in the order they came: the same list until another point comes. */
  points(): readonly CurvePoint[] {
    return (this.#points ??= this.#buckets.flatMap(pointsOf));
  }

  get last(): CurvePoint | undefined {
    return this.#buckets.at(-1)?.last;
  }

  #widen(): void {
    this.#width *= 2;
    let kept = 0;
    for (const bucket of this.#buckets) {
      bucket.index = Math.floor(bucket.first.step / this.#width);
      const before = this.#buckets[kept - 1];
      if (before?.index === bucket.index) absorb(before, bucket);
      else this.#buckets[kept++] = bucket;
    }
    this.#buckets.length = kept;
  }
}

function bucketOf(index: number, point: CurvePoint): Bucket {
  const isFinite = Number.isFinite(point.value);
  return {
    index,
    first: point,
    last: point,
    lowest: isFinite ? point : null,
    highest: isFinite ? point : null,
    broken: isFinite ? null : point,
  };
}

/** Joins a bucket with the one that follows it; of equal extremes the earlier stays. */
function absorb(bucket: Bucket, next: Bucket): void {
  bucket.last = next.last;
  if (bucket.lowest === null || (next.lowest !== null && next.lowest.value < bucket.lowest.value)) {
    bucket.lowest = next.lowest;
  }
  if (bucket.highest === null || (next.highest !== null && next.highest.value > bucket.highest.value)) {
    bucket.highest = next.highest;
  }
  bucket.broken ??= next.broken;
}

function pointsOf(bucket: Bucket): CurvePoint[] {
  const middle = [bucket.lowest, bucket.highest, bucket.broken].filter(
    (point) => point !== null && point !== bucket.first && point !== bucket.last,
  ) as CurvePoint[];
  const ordered = [...new Set(middle)].sort((a, b) => a.step - b.step);
  return bucket.first === bucket.last ? [bucket.first] : [bucket.first, ...ordered, bucket.last];
}
