import type { SeriesPoints } from '../../protocol/panel.ts';

/**
 * The same points in one piece of memory. The editor counts the pieces of a message in one byte: beyond 254 columns of their own would
 * arrive empty, and nothing would say so.
 */
export function inOneBuffer(series: readonly SeriesPoints[]): readonly SeriesPoints[] {
  const numbers = series.reduce((sum, { steps }) => sum + 4 * steps.length, 0);
  const buffer = new Float64Array(numbers);
  let end = 0;
  const put = (column: Float64Array) => {
    const start = end;
    end += column.length;
    buffer.set(column, start);
    return buffer.subarray(start, end);
  };
  return series.map(({ steps, epochs, times, values, ...key }) => ({
    ...key,
    steps: put(steps),
    epochs: put(epochs),
    times: put(times),
    values: put(values),
  }));
}
