import { median, pairedRatio } from './statistics.mjs';

/**
 * One line of the result. With a peer `ratio` is ours over the peer, the median of the paired ratios, `low` and `high`
 * their ends, and `target` the largest good ratio. Without one they are null and `target` is the largest good value of `ours`.
 * `eager` is the same against PyTorch as most people run it.
 *
 * @typedef {{ name: string, ours: number, peer: number | null, peerName: string | null, unit: string, ratio: number | null,
 *   low: number | null, high: number | null, target: number | null, rounds: number,
 *   eager: { name: string, value: number, ratio: number } | null }} Row
 * @typedef {{ name: string, why: string }} NotRun
 * @typedef {{ rows: Row[], notRun: NotRun[] }} Result
 */

/**
 * @param {{ name: string, unit: string, target: number | null }} what
 * @param {number[]} ours one value a round
 * @param {{ name: string, values: number[] }} [peer]
 * @param {{ name: string, values: number[] }} [eager]
 * @returns {Row}
 */
export function row({ name, unit, target }, ours, peer, eager) {
  const paired = peer ? pairedRatio(ours, peer.values) : { ratio: null, low: null, high: null };
  return {
    name,
    ours: median(ours),
    peer: peer ? median(peer.values) : null,
    peerName: peer?.name ?? null,
    unit,
    ...paired,
    target,
    rounds: ours.length,
    eager: eager
      ? { name: eager.name, value: median(eager.values), ratio: pairedRatio(ours, eager.values).ratio }
      : null,
  };
}

/** @param {Row} row */
export function isMissed({ ours, ratio, target }) {
  return target !== null && (ratio ?? ours) > target;
}

export const HEAD = [
  'what',
  'ours',
  'fastest peer',
  'ours / peer',
  'ours / PyTorch eager',
  'target',
  'rounds',
];

/**
 * The cells of a row under `HEAD`, for people.
 *
 * @param {Row} row
 */
export function cellsOf(row) {
  const goal =
    row.target === null ? '' : row.ratio === null ? `<= ${row.target} ${row.unit}` : `<= x${row.target}`;
  return [
    row.name,
    `${round(row.ours)} ${row.unit}`,
    row.peer === null ? '' : `${round(row.peer)} ${row.unit} (${row.peerName})`,
    row.ratio === null ? '' : `x${round(row.ratio)} (${round(row.low)}-${round(row.high)})`,
    row.eager === null ? '' : `x${round(row.eager.ratio)}`,
    row.target === null ? '' : `${isMissed(row) ? 'MISSED' : 'met'}: ${goal}`,
    String(row.rounds),
  ];
}

/** @param {Row[]} rows @param {NotRun[]} notRun */
export function formatTable(rows, notRun) {
  const table = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  const text = table.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  return [...text, ...notRun.map(({ name, why }) => `not run: ${name} (${why})`)].join('\n');
}

function round(value) {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
