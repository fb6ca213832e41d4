import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../protocol/errors.ts';
import { RUN_STATUSES, type RunRecord, type RunStatus } from '../protocol/records.ts';
import { systemCode, writeAtomically } from './disk.ts';
import { FILES } from './layout.ts';

/** Reads `run.json`. Fields of later versions pass through; KD5003 where it is damaged, KD5001 where there is none. */
export function readRecord(directory: string): RunRecord {
  const path = join(directory, FILES.record);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unread(error, directory);
  }
  return parseRecord(text, path);
}

/** The same while other work goes on. */
export async function readRecordAsync(directory: string): Promise<RunRecord> {
  const path = join(directory, FILES.record);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unread(error, directory);
  });
  return parseRecord(text, path);
}

function unread(error: unknown, directory: string): unknown {
  if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') return error;
  return new UserError(
    {
      code: 'KD5001',
      message: 'this folder is not a run: it has no run.json',
      help: 'list the runs with `kd runs`',
      file: directory,
    },
    { cause: error },
  );
}

/** Replaces `run.json` in one step; only its owner may read it, for it holds the token of the control socket. */
export function writeRecord(directory: string, record: RunRecord, options = { durable: true }): void {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  writeAtomically(join(directory, FILES.record), text, { mode: 0o600, ...options });
}

function parseRecord(text: string, path: string): RunRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(path, 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw damaged(path, 'it holds no object');
  const record = value as Partial<RunRecord>;
  // Newer versions only add, so a run of a newer version can be read.
  if (typeof record.formatVersion !== 'number') throw damaged(path, '`formatVersion` is missing');
  for (const key of ['id', 'name', 'config', 'root', 'createdAt'] as const) {
    if (typeof record[key] !== 'string') throw damaged(path, `\`${key}\` is missing`);
  }
  if (!isStatus(record.status)) throw damaged(path, `\`status\` is ${JSON.stringify(record.status)}`);
  if (!Array.isArray(record.seeds)) throw damaged(path, '`seeds` is missing');
  const identity = record.process as Partial<NonNullable<RunRecord['process']>> | undefined;
  if (identity !== undefined && (typeof identity.pid !== 'number' || typeof identity.scope !== 'string')) {
    throw damaged(path, '`process` is incomplete');
  }
  return { ...(record as RunRecord), overrides: record.overrides ?? [] };
}

function isStatus(value: unknown): value is RunStatus {
  return RUN_STATUSES.some((status) => status === value);
}

function damaged(path: string, why: string): UserError {
  return new UserError({
    code: 'KD5003',
    message: `the record of this run is damaged: ${why}`,
    help: 'metrics, checkpoints and log beside it are untouched; start the experiment again with `kd run`, or remove the run with `kd rm`',
    file: path,
  });
}
