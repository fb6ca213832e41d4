import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { UserError, type Problem } from '../protocol/errors.ts';
import type { RunRecord, RunStatus } from '../protocol/records.ts';
import { RunDirectory } from './directory.ts';
import { syncFolder, systemCode, writeAtomically, writing } from './disk.ts';
import { FILES, RUNS_FOLDER, TRASH_FOLDER } from './layout.ts';
import { readRecordAsync, writeRecord } from './record.ts';

export interface NewRun {
  /** Name of the experiment, for people. */
  readonly name: string;
  /** Absolute path of the config file. */
  readonly config: string;
  /** The config as it will run, with every default, base and change in it, written as `config.yaml`. */
  readonly configText: string;
  readonly overrides: readonly string[];
  readonly seeds: readonly number[];
  /** `engine.device` of the experiment. */
  readonly device?: NonNullable<RunRecord['device']>;
  /** It goes into the queue. */
  readonly waiting?: boolean;
}

export interface ListedRun {
  readonly run: RunDirectory;
  readonly record: RunRecord;
  /** What is true now. */
  readonly status: RunStatus;
}

/** All runs below the root of an experiment: `<root>/.kd/runs`. */
export class RunStore {
  readonly root: string;
  readonly folder: string;

  constructor(root: string) {
    this.root = resolve(root);
    this.folder = join(this.root, RUNS_FOLDER);
  }

  /** Makes the directory of a new run, status `queued`, with an id that no other process can get: `2026-11-23-mnist-1`. */
  create(run: NewRun, now = new Date()): RunDirectory {
    const { id, path } = this.#newFolder(`${dateOf(now)}-${slugOf(run.config)}`);
    const record: RunRecord = {
      formatVersion: 1,
      id,
      name: run.name,
      config: run.config,
      root: this.root,
      configHash: createHash('sha256').update(run.configText).digest('hex'),
      overrides: run.overrides,
      seeds: run.seeds,
      status: 'queued',
      createdAt: now.toISOString(),
      ...(run.device !== undefined && { device: run.device }),
      ...(run.waiting === true && { waiting: true }),
    };
    try {
      writeAtomically(join(path, FILES.config), run.configText, { durable: true });
      writeRecord(path, record);
      syncFolder(this.folder);
    } catch (error) {
      rmSync(path, { recursive: true, force: true });
      throw error;
    }
    return new RunDirectory(path);
  }

  #newFolder(stem: string): { id: string; path: string } {
    writing(this.folder, () => mkdirSync(this.folder, { recursive: true }));
    for (let number = 1; ; number += 1) {
      const id = `${stem}-${number}`;
      const path = join(this.folder, id);
      // A number that is in the trash would clash when the run is put back.
      if (existsSync(join(this.root, TRASH_FOLDER, id))) continue;
      try {
        writing(path, () => mkdirSync(path));
        return { id, path };
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
    }
  }

  /** Newest first. A folder whose record is damaged is told to `report`; one without a record is not a run. */
  list(report: (problem: Problem) => void = () => undefined): ListedRun[] {
    const runs: ListedRun[] = [];
    for (const id of this.#ids()) {
      const run = new RunDirectory(join(this.folder, id));
      try {
        const record = run.record();
        runs.push({ run, record, status: run.status(record) });
      } catch (error) {
        tell(error, report);
      }
    }
    return runs.sort((a, b) => order(b.record, a.record));
  }

  /** The same while other work goes on: one run is read after another. */
  async listAsync(report: (problem: Problem) => void = () => undefined): Promise<ListedRun[]> {
    const runs: ListedRun[] = [];
    const ids = await readdir(this.folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    for (const id of ids) {
      const run = new RunDirectory(join(this.folder, id));
      try {
        const record = await readRecordAsync(run.path);
        runs.push({ run, record, status: run.status(record) });
      } catch (error) {
        tell(error, report);
      }
    }
    return runs.sort((a, b) => order(b.record, a.record));
  }

  #ids(): string[] {
    try {
      return readdirSync(this.folder);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  /**
   * @param reference a run id, a unique prefix of one, a run directory, or `latest`
   * @throws UserError KD5001 where there is no such run, KD5002 where several begin like this
   */
  open(reference: string): RunDirectory {
    if (reference === 'latest') {
      const newest = this.list()[0];
      if (newest !== undefined) return newest.run;
      throw this.#unknown('there is no run yet', []);
    }
    if (/[/\\]/.test(reference) || reference === '.' || reference === '..') {
      const run = new RunDirectory(reference);
      run.record();
      return run;
    }
    const ids = this.#ids().filter((id) => existsSync(join(this.folder, id, FILES.record)));
    if (reference !== '' && ids.includes(reference)) return new RunDirectory(join(this.folder, reference));
    const matches = ids.filter((id) => reference !== '' && id.startsWith(reference)).sort();
    const [only, second] = matches;
    if (only === undefined) throw this.#unknown(`no run begins with "${reference}"`, ids);
    if (second !== undefined) {
      throw new UserError({
        code: 'KD5002',
        message: `"${reference}" may mean ${matches.length} runs: ${matches.slice(0, 8).join(', ')}`,
        help: 'give more of the id',
        file: this.folder,
      });
    }
    return new RunDirectory(join(this.folder, only));
  }

  #unknown(message: string, ids: readonly string[]): UserError {
    const some = [...ids].sort().slice(-5).join(', ');
    const help =
      ids.length === 0 ? 'start one with `kd run FILE`' : `list them with \`kd runs\`; among them: ${some}`;
    return new UserError({ code: 'KD5001', message, help, file: this.folder });
  }

  /** Moves a run to `.kd/trash`, from where it can be put back by hand. Returns its new place. Throws KD5013 while its engine works. */
  remove(run: RunDirectory): string {
    // Whatever is damaged may be removed; only a living engine is in the way.
    if (isAliveOrUnreadable(run)) {
      throw new UserError({
        code: 'KD5013',
        message: `run ${run.id} is still running`,
        help: `stop it first: \`kd stop ${run.id}\``,
        file: run.path,
      });
    }
    const runs = dirname(run.path);
    if (!runs.endsWith(`${sep}${RUNS_FOLDER}`) || !statSync(run.path).isDirectory()) {
      throw new UserError({
        code: 'KD5001',
        message: 'only runs inside a .kd/runs folder can be removed',
        help: 'delete the folder yourself if it is no longer needed',
        file: run.path,
      });
    }
    const trash = join(runs, '..', basename(TRASH_FOLDER));
    return writing(trash, () => {
      mkdirSync(trash, { recursive: true });
      const target = freePath(join(trash, run.id));
      renameSync(run.path, target);
      return target;
    });
  }
}

/** A damaged record is told; what has none is no run. */
function tell(error: unknown, report: (problem: Problem) => void): void {
  if (!(error instanceof UserError)) throw error;
  if (error.problem.code !== 'KD5001') report(error.problem);
}

function isAliveOrUnreadable(run: RunDirectory): boolean {
  try {
    return run.isAlive();
  } catch (error) {
    if (error instanceof UserError && error.problem.code === 'KD5003') return false;
    throw error;
  }
}

function freePath(path: string): string {
  let free = path;
  for (let number = 2; existsSync(free); number += 1) free = `${path}-${number}`;
  return free;
}

function order(a: RunRecord, b: RunRecord): number {
  return a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id, 'en', { numeric: true });
}

/** The local day, as the person who started it knows it. */
function dateOf(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

const SLUG_LENGTH = 40;

/** `experiments/My test.kd.yaml` becomes `my-test`. */
function slugOf(config: string): string {
  const slug = basename(config)
    .replace(/(\.kd)?\.ya?ml$/i, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LENGTH)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? 'run' : slug;
}
