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

/** Points column by column, in the order they came. They never change, so what is made of them may be kept. */
export interface CurveColumns {
  readonly length: number;
  readonly steps: Float64Array;
  readonly epochs: Float64Array;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

export const NO_COLUMNS: CurveColumns = columnsFor(0);

/** Rows that a curve has room for at first; then the room doubles. */
const FIRST_ROOM = 16;
/** As many rows of a bucket can count: its first, last, lowest and highest, and one without a finite value. */
const ROWS_IN_A_BUCKET = 5;
/** In place of a row: there is none. */
const NONE = -1;

/** The rows of a bucket that count; beside them counts the last row of all. */
interface Bucket {
  readonly index: number;
  readonly first: number;
  lowest: number;
  highest: number;
  broken: number;
}

/**
 * A curve that grows. Its rows are the points kept, bucket by bucket, and only those of the last bucket still change. As columns of
 * numbers they take a quarter of the memory that as many objects take, and the collector has nothing to look through.
 */
export class Curve {
  #columns = NO_COLUMNS;
  #length = 0;
  /** The columns were handed out, and are copied before another point is taken. */
  #isHandedOut = true;
  #width = 1;
  #buckets = 0;
  #bucket = bucketAt(NONE, 0);

  /** Takes the next point. False, and nothing kept, when its step lies before the last one. */
  append({ step, epoch, time, value }: CurvePoint): boolean {
    return this.#append(step, epoch, time, value, 1);
  }

  /** Takes points in their order. How many of them were refused: their step lies before the last one. */
  appendColumns({ steps, epochs, times, values }: Omit<CurveColumns, 'length'>): number {
    let refused = 0;
    for (let row = 0; row < steps.length; row += 1) {
      const left = steps.length - row;
      if (!this.#append(at(steps, row), at(epochs, row), at(times, row), at(values, row), left)) refused += 1;
    }
    return refused;
  }

  /** @param coming how many points there are to be taken, with this one */
  #append(step: number, epoch: number, time: number, value: number, coming: number): boolean {
    if (this.#length > 0 && step < at(this.#columns.steps, this.#length - 1)) return false;
    if (this.#isHandedOut || this.#length === this.#columns.length) this.#makeRoom(coming);
    this.#put(step, epoch, time, value);
    while (this.#buckets > MAX_BUCKETS) this.#widen();
    return true;
  }

  /** The points kept, in the order they came: the same columns until another point comes. */
  columns(): CurveColumns {
    if (this.#length < this.#columns.length)
      this.#columns = resized(this.#columns, this.#length, this.#length);
    this.#isHandedOut = true;
    return this.#columns;
  }

  /** The points kept, one by one. */
  points(): readonly CurvePoint[] {
    const { length, steps, epochs, times, values } = this.columns();
    return Array.from({ length }, (_, row) => ({
      step: at(steps, row),
      epoch: at(epochs, row),
      time: at(times, row),
      value: at(values, row),
    }));
  }

  /** A curve that comes whole, thinned before, has room at once and no more than it needs. */
  #makeRoom(coming: number): void {
    const all = Math.min(this.#length + coming, ROWS_IN_A_BUCKET * MAX_BUCKETS);
    const room = Math.max(FIRST_ROOM, 2 ** Math.ceil(Math.log2(this.#length + 1)), all);
    this.#columns = resized(this.#columns, this.#length, room);
    this.#isHandedOut = false;
  }

  /** Takes a point for which there is room. */
  #put(step: number, epoch: number, time: number, value: number): void {
    const index = Math.floor(step / this.#width);
    if (this.#buckets === 0 || index !== this.#bucket.index) {
      this.#bucket = bucketAt(index, this.#length);
      this.#buckets += 1;
    }
    this.#dropUnlessCounted(this.#length - 1);
    const row = this.#length;
    const { steps, epochs, times, values } = this.#columns;
    steps[row] = step;
    epochs[row] = epoch;
    times[row] = time;
    values[row] = value;
    this.#length += 1;
    this.#compare(row, value);
  }

  /** Of equal extremes the earlier stays. */
  #compare(row: number, value: number): void {
    const bucket = this.#bucket;
    const { lowest, highest } = bucket;
    if (!Number.isFinite(value)) {
      if (bucket.broken === NONE) bucket.broken = row;
    } else if (lowest === NONE) {
      bucket.lowest = row;
      bucket.highest = row;
    } else if (value < at(this.#columns.values, lowest)) {
      bucket.lowest = row;
      this.#dropUnlessCounted(lowest);
    } else if (value > at(this.#columns.values, highest)) {
      bucket.highest = row;
      this.#dropUnlessCounted(highest);
    }
  }

  /** Drops a row of the last bucket that is neither its first nor one of its extremes. */
  #dropUnlessCounted(row: number): void {
    const bucket = this.#bucket;
    const { first, lowest, highest, broken } = bucket;
    if (row <= first || row === lowest || row === highest || row === broken) return;
    this.#length -= 1;
    const { steps, epochs, times, values } = this.#columns;
    for (const column of [steps, epochs, times, values]) {
      for (let to = row; to < this.#length; to += 1) column[to] = at(column, to + 1);
    }
    if (lowest > row) bucket.lowest = lowest - 1;
    if (highest > row) bucket.highest = highest - 1;
    if (broken > row) bucket.broken = broken - 1;
  }

  /** Makes the buckets twice as wide. Each row is taken once more: none is written to before it was read. */
  #widen(): void {
    const { steps, epochs, times, values } = this.#columns;
    const length = this.#length;
    this.#width *= 2;
    this.#buckets = 0;
    this.#length = 0;
    for (let row = 0; row < length; row += 1)
      this.#put(at(steps, row), at(epochs, row), at(times, row), at(values, row));
  }
}

function bucketAt(index: number, first: number): Bucket {
  return { index, first, lowest: NONE, highest: NONE, broken: NONE };
}

/** Of a row that is there. */
function at(column: Float64Array, row: number): number {
  return column[row] ?? NaN;
}

function columnsFor(length: number): CurveColumns {
  const column = () => new Float64Array(length);
  return { length, steps: column(), epochs: column(), times: column(), values: column() };
}

/** The first rows in columns that have room for so many. */
function resized(columns: CurveColumns, rows: number, room: number): CurveColumns {
  const made = columnsFor(room);
  for (const name of ['steps', 'epochs', 'times', 'values'] as const)
    made[name].set(columns[name].subarray(0, rows));
  return made;
}
