import { timeOf } from './contest.mjs';
import { installedPeers } from './peers.mjs';
import { row } from './rows.mjs';
import { fastest } from './statistics.mjs';

/**
 * Rows of one contest for every executor. Whatever is measured, the peer is the one that is fastest in time.
 *
 * @param {string} name of the work; the executor is put behind
 * @param {Awaited<ReturnType<typeof import('./contest.mjs').contest>>} result
 * @param {{ prefix: string, unit: string, value: (outcome: import('./contest.mjs').Outcome) => number,
 *   targets: Record<string, number> }[]} columns `targets` by executor
 * @returns {import('./rows.mjs').Result}
 */
export function comparedRows(name, { ours, peers, failed }, columns) {
  const notRun = failed.map((one) => ({ name: `${columns[0].prefix}/${name} ${one.name}`, why: one.why }));
  if (peers.length === 0) notRun.push({ name: `${columns[0].prefix}/${name} peers`, why: missingPeers() });
  const best = fastest(new Map(peers.map((peer) => [peer.name, peer.outcomes])), timeOf);
  const eager = peers.find((peer) => peer.eager)?.name;
  const rows = [...ours].flatMap(([executor, outcomes]) =>
    columns.map(({ prefix, unit, value, targets }) => {
      const against = (who) => {
        const peer = peers.find((one) => one.name === who);
        return peer === undefined ? undefined : { name: peer.name, values: peer.outcomes.map(value) };
      };
      const target = best === undefined ? null : (targets[executor] ?? null);
      return row(
        { name: `${prefix}/${name}/${executor}`, unit, target },
        outcomes.map(value),
        against(best),
        against(eager),
      );
    }),
  );
  return { rows, notRun };
}

function missingPeers() {
  const { missing } = installedPeers();
  return `no Python with ${missing.join(', ')}: npm run bench:peers installs them, KD_BENCH_PYTHON names another`;
}
