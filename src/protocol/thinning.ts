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
    if (tail?.index === index) take(tail, point);
    else this.#buckets.push(bucketOf(index, point));
    while (this.#buckets.length > MAX_BUCKETS) this.#widen();
    this.#points = null;
    return true;
  }

  /** The points kept, in the order they came: the same list until another point comes. */
  points(): readonly CurvePoint[] {
    if (this.#points !== null) return this.#points;
    const points: CurvePoint[] = [];
    for (const bucket of this.#buckets) addPointsOf(bucket, points);
    this.#points = points;
    return points;
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

/** The next point of a bucket: as `absorb` with a bucket of this point alone, which need not be made. */
function take(bucket: Bucket, point: CurvePoint): void {
  const { value } = point;
  bucket.last = point;
  if (!Number.isFinite(value)) bucket.broken ??= point;
  else {
    if (bucket.lowest === null || value < bucket.lowest.value) bucket.lowest = point;
    if (bucket.highest === null || value > bucket.highest.value) bucket.highest = point;
  }
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

/** Adds the points of a bucket in the order they came, each once. */
function addPointsOf({ first, last, lowest, highest, broken }: Bucket, points: CurvePoint[]): void {
  points.push(first);
  const from = points.length;
  for (const point of [lowest, highest === lowest ? null : highest, broken]) {
    if (point === null || point === first || point === last) continue;
    points.push(point);
    for (let at = points.length - 1; at > from; at -= 1) {
      const before = points[at - 1];
      if (before === undefined || before.step <= point.step) break;
      points[at] = before;
      points[at - 1] = point;
    }
  }
  if (last !== first) points.push(last);
}
