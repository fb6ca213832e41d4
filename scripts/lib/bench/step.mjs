import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.mjs';
import { QUIET_SHARE, waitForQuiet } from './machine.mjs';
import { findPeers } from './peers.mjs';
import { bundleBench, measureProcess } from './processes.mjs';
import { row } from './rows.mjs';
import { fastest, median } from './statistics.mjs';

export const NAMES = ['step/resnet8/64', 'memory/resnet8/64', 'first-step/resnet8/64'];

/**
 * What every contestant prints: each measured step, its first losses, its largest resident memory, and how long its first step took from
 * the start of the process.
 *
 * @typedef {{ executor: string, milliseconds: number[], losses: number[], residentMegabytes: number,
 *   firstStepSeconds: number }} StepResult
 */

/** How long a process waits for a quiet machine. */
const QUIET_WAIT_MS = 20_000;

/** Relative; rounding differs between frameworks and grows with the steps. */
const LOSS_TOLERANCE = 1e-3;

/** Largest good ratio: not slower than PyTorch as most people run it, and within reach of PyTorch at its best. */
const TARGETS = { eager: 1, fastest: 1.4, memory: 1, first: 1 };

/**
 * ResNet-8, 32x32x3, batch 64, SGD with momentum: fresh processes, ours and every peer once a round, the order turned
 * each round. Memory and start are compared with the peer that is fastest in step time.
 *
 * @param {{ rounds: number, progress: (line: string) => void }} options
 * @returns {Promise<import('./rows.mjs').Result>}
 */
export async function measure({ rounds, progress }) {
  const program = await bundleBench('step');
  const state = join(ROOT, 'build', 'bench', 'step.safetensors');
  rmSync(state, { force: true });
  const { losses } = await measureProcess([process.execPath, program, '--steps', '1', '--dump', state]);
  const { peers, why } = findPeers(state);
  const contestants = [{ name: 'ours', command: [process.execPath, program], environment: {} }, ...peers];
  /** @type {Record<string, StepResult[]>} */
  const results = Object.fromEntries(contestants.map(({ name }) => [name, []]));
  const failed = new Map();
  for (let round = 0; round < rounds; round++) {
    const turn = round % contestants.length;
    for (const { name, command, environment } of [
      ...contestants.slice(turn),
      ...contestants.slice(0, turn),
    ]) {
      if (failed.has(name)) continue;
      const others = await waitForQuiet(QUIET_WAIT_MS);
      try {
        const result = await measureProcess(command, environment);
        requireSameWork(losses, result.losses);
        results[name].push(result);
        progress(`round ${round + 1}: ${name} ${median(result.milliseconds).toFixed(1)} ms${busy(others)}`);
      } catch (error) {
        failed.set(name, error.message);
        progress(`round ${round + 1}: ${name} failed`);
      }
    }
  }
  const ours = results.ours;
  const notRun = [...failed].map(([name, message]) => ({ name: `step/resnet8/64 ${name}`, why: message }));
  if (failed.has('ours')) return { rows: [], notRun };
  if (peers.length === 0) notRun.push({ name: 'step/resnet8/64 PyTorch', why });

  const whole = new Map(Object.entries(results).filter(([name]) => name !== 'ours' && !failed.has(name)));
  const time = (result) => median(result.milliseconds);
  const best = fastest(whole, time);
  const against = (name, value) =>
    name === undefined ? undefined : { name, values: (whole.get(name) ?? []).map(value) };
  const compare = (name, unit, target, value, peer = best) =>
    row({ name, unit, target: peer === undefined ? null : target }, ours.map(value), against(peer, value));

  const eager = [...whole.keys()].find((name) => name.endsWith(' eager'));
  const rows = [
    compare(`step/resnet8/64/onnx`, 'ms', eager === best ? TARGETS.eager : TARGETS.fastest, time),
    ...(eager === undefined || eager === best
      ? []
      : [compare(`step/resnet8/64/onnx/eager`, 'ms', TARGETS.eager, time, eager)]),
    compare(`memory/resnet8/64/onnx`, 'MB', TARGETS.memory, (result) => result.residentMegabytes),
    compare(`first-step/resnet8/64/onnx`, 's', TARGETS.first, (result) => result.firstStepSeconds),
  ];
  return { rows, notRun };
}

function busy(others) {
  return others > QUIET_SHARE ? ` (other programs took ${Math.round(others * 100)} % of the machine)` : '';
}

/** From the same weights and batch the same losses follow, up to rounding; anything else is other work. */
function requireSameWork(ours, theirs) {
  const differs = ours.some((loss, step) => Math.abs(loss - theirs[step]) > LOSS_TOLERANCE * Math.abs(loss));
  if (differs || ours.length !== theirs.length) {
    throw new Error(`its losses are ${theirs.join(', ')}, ours ${ours.join(', ')}: that is other work`);
  }
}
