import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';
import { runDoctor } from '../../src/extension/doctor.ts';
import type { DoctorReport, RuntimeOffer } from '../../src/protocol/records.ts';
import { editor } from './fake-vscode.ts';

vi.mock('vscode', () => import('./fake-vscode.ts'));

let folder = '';
const lines: string[] = [];
const log = { show: () => undefined, info: (line: string) => lines.push(line) };
beforeEach(() => {
  editor.reset();
  lines.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'kd-doctor-'));
  mkdirSync(join(folder, 'dist'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A command line that answers with a report, and says a line to people. */
async function examined(report: Partial<DoctorReport> | null): Promise<void> {
  const answer = report === null ? '' : `console.log(${JSON.stringify(JSON.stringify(report))});`;
  const script = `if (process.argv.slice(2).join(' ') === 'doctor --json') { ${answer} console.error('onnx-cpu  serves'); }`;
  writeFileSync(join(folder, 'dist', 'kd.cjs'), script);
  await runDoctor(folder, log as unknown as vscode.LogOutputChannel);
}

const cpu = { name: 'onnx-cpu', description: 'CPU, 2 threads' };
const offer: RuntimeOffer = { name: 'x', download: 1, disk: 2, reason: 'y', installed: false };
const report = {
  ...{ executor: cpu, serving: [cpu], standby: [], eager: cpu },
  refused: [{ name: 'onnx-cuda', reason: 'no driver' }],
} as const;

describe('the doctor in the editor', () => {
  it('writes what it says to the log, and offers what can be installed one click away', async () => {
    editor.clicks.push('Install Runtime...');
    await examined({ ...report, offers: [offer] });
    await vi.waitFor(() => expect(editor.executed).toEqual([['kd.installRuntime']]));
    expect(lines).toContain('onnx-cpu  serves');
    expect(editor.shown).toEqual([
      {
        kind: 'information',
        message: 'Runs use onnx-cpu. 1 other does not serve; the log says why.',
        buttons: ['Install Runtime...'],
      },
    ]);
  });

  it('offers nothing that is installed already or would not serve', async () => {
    const installed = { ...offer, installed: true };
    const useless = { ...offer, obstacle: 'no driver' };
    await examined({
      ...report,
      serving: [cpu, { ...cpu, name: 'tensorflow' }],
      offers: [installed, useless],
    });
    expect(editor.shown[0]?.message).toContain('Runs take the fastest of onnx-cpu, tensorflow.');
    expect(editor.shown[0]?.buttons).toEqual([]);
  });

  it('says so where nothing can train', async () => {
    await examined({ ...report, executor: null, serving: [], offers: [offer] });
    expect(editor.shown[0]).toMatchObject({ kind: 'error', buttons: ['Install Runtime...'] });
  });

  it('fails with a word where the tool gives no answer', async () => {
    await expect(examined(null)).rejects.toThrow(/kd doctor ended with 0/);
  });
});
