import type { Device } from '../../protocol/devices.ts';
import { UserError } from '../../protocol/errors.ts';
import type { Executor } from '../executor.ts';

export interface RungRequest {
  /** Threads that compute; the machine's physical cores where not given. */
  readonly threads?: number;
  /** True: idle threads wait actively, faster on an idle machine and far slower on a busy one. */
  readonly spinning?: boolean;
  /** Whether other programs need the processor now: asked while it trains, in place of `spinning`. */
  readonly isBusy?: () => boolean;
  /** True: this rung was asked for by name, so that what `auto` would refuse for its slowness alone is given. */
  readonly byName: boolean;
}

/** Why a rung cannot serve here, in words. */
export interface Refusal {
  readonly reason: string;
  /** What would make it serve. */
  readonly help?: string;
  /** True: it is there, and failed or computed something else. */
  readonly failed?: boolean;
}

/**
 * One way to run steps. `open` is quick where it cannot serve (look for a file before loading a library), since `auto`
 * asks every rung at the start of every run.
 */
export interface Rung {
  readonly device: Device;
  /** `onnx-cpu`, `tensorflow`, ...: stands in the run's record, also when refused. */
  readonly name: string;
  /**
   * True: serves only where no rung above it does, and is not asked otherwise: it is never faster.
   */
  readonly lastResort?: boolean;
  open(request: RungRequest): Promise<Executor | Refusal>;
}

export function isRefusal(opened: Executor | Refusal): opened is Refusal {
  return 'reason' in opened;
}

/** A rung of one system alone, refused elsewhere before anything is loaded. */
export function onlyOn(platform: NodeJS.Platform, system: string, open: Rung['open']): Rung['open'] {
  if (process.platform === platform) return open;
  return () => Promise.resolve({ reason: `${system} only` });
}

/** What an error says, for a refusal: its first line. */
export function reasonOf(error: unknown): string {
  if (error instanceof UserError) return error.problem.message;
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line;
}
