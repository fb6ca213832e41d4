import * as vscode from 'vscode';
import { DEVICES, type Device } from '../protocol/devices.ts';
import { nextDevice } from '../protocol/next-device.ts';
import type { RunRecord } from '../protocol/records.ts';

/** The button, or the choice, that goes on elsewhere. */
export function resumeOn(device: Device): string {
  return `Resume on ${device}`;
}

/**
 * Where a run is to go on: as the caller says, else asked where its executor died and another serves. Null: where it was.
 *
 * @throws vscode.CancellationError where a person was asked and chose nothing
 */
export async function resumeDevice(argument: unknown, record: RunRecord): Promise<Device | null> {
  const said = deviceIn(argument);
  const next = nextDevice(record);
  if (said !== undefined || next === null) return said ?? null;
  const executor = record.environment?.executor ?? 'the same device';
  const items = [
    {
      label: resumeOn(next),
      detail: `From here on the numbers are close, not bit for bit those of ${executor}.`,
      device: next,
    },
    { label: `Try again on ${executor}`, detail: record.failure?.message ?? '', device: null },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: `${executor} died in the middle of a step; the last checkpoint is kept`,
  });
  if (picked === undefined) throw new vscode.CancellationError();
  return picked.device;
}

/** Undefined where the caller says nothing about it. */
function deviceIn(argument: unknown): Device | null | undefined {
  if (typeof argument !== 'object' || argument === null || !('device' in argument)) return undefined;
  return DEVICES.find((device) => device === argument.device) ?? null;
}
