import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConnection, type Diagnostic } from 'vscode-languageserver/node';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { dryRunFile } from '../../src/runs/dry-runs.ts';
import { configLanguage } from '../../src/server/config-language.ts';
import type { Looker } from '../../src/server/lookup-threads.ts';
import { lookUp, type Question, type Reply } from '../../src/server/lookups.ts';
import { serve } from '../../src/server/server.ts';
import { bundleServer, type ServerBundle } from './bundle.ts';
import { ServerClient } from './client.ts';
import { createProject, HEALTHY, type Project } from './project.ts';

const SOON_MILLISECONDS = 10_000;
const SLIP = HEALTHY.replace('momentum', 'momentun');

let project: Project;
beforeEach(() => {
  project = createProject();
});
afterEach(() => project.remove());

const uri = () => project.uri('a.kd.yaml');
const codes = (found: readonly Diagnostic[]) => found.map(({ code }) => code);

/** A file system of which some paths do not answer until they are let go. */
class HangingFiles implements Looker {
  private readonly held: { readonly question: Question; readonly answered: (reply: Reply) => void }[] = [];
  isHung = true;

  constructor(private readonly hangs: (question: Question) => boolean) {}

  look(question: Question, answered: (reply: Reply) => void): void {
    if (this.isHung && this.hangs(question)) this.held.push({ question, answered });
    else setImmediate(() => answered(lookUp(question)));
  }

  letGo(): void {
    this.isHung = false;
    for (const { question, answered } of this.held.splice(0)) answered(lookUp(question));
  }
}

/** The server in this process, over streams, with another file system below it. */
async function served(files: Looker): Promise<ServerClient> {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  serve(
    createConnection(new StreamMessageReader(toServer), new StreamMessageWriter(toClient)),
    configLanguage,
    files,
  );
  return ServerClient.over(toClient, toServer, [project.folder]);
}

describe('a file system that never answers', () => {
  it.each([
    ['for a data file', 'train: {', ({ parameters: [path] }: Question) => path.endsWith('train-images')],
    ['for the content of the data', 'train: {', ({ kind }: Question) => kind === 'data'],
    ['for anything at all', 'train: {', () => true],
  ])('%s does not keep typing waiting, and the config says what was not checked', async (_, at, hangs) => {
    const files = new HangingFiles(hangs);
    const client = await served(files);
    await client.open(uri(), HEALTHY);
    await vi.waitFor(() => expect(codes(client.latest(uri()))).toContain('KD3018'), SOON_MILLISECONDS);
    const [hint] = client.latest(uri()).filter(({ code }) => code === 'KD3018');
    expect(hint?.message).toMatch(/^not checked: .* did not answer in 2 s/);
    expect(hint?.severity).toBe(3);
    expect(HEALTHY.split('\n')[hint?.range.start.line ?? -1]).toContain(at);

    // Whatever does not stand on it is checked, completed and explained as ever.
    await client.change(uri(), 2, [{ text: SLIP }]);
    expect(codes(await client.diagnostics(uri(), 2)).sort()).toEqual(expect.arrayContaining(['KD2001']));
    const line = SLIP.split('\n').findIndex((text) => text.includes('epochs: 3'));
    expect((await client.complete(uri(), { line, character: 4 })).map(({ label }) => label)).toContain(
      'epochs',
    );
    expect(await client.hover(uri(), { line, character: 4 })).not.toBeNull();

    await client.change(uri(), 3, [{ text: HEALTHY }]);
    files.letGo();
    await vi.waitFor(() => expect(client.latest(uri())).toEqual([]), SOON_MILLISECONDS);
    client.connection.dispose();
  });

  it('for a base file leaves the rest of the file checked', async () => {
    writeFileSync(project.path('base.kd.yaml'), `partial: true\n${HEALTHY}`);
    const files = new HangingFiles(({ parameters: [path] }) => path.endsWith('base.kd.yaml'));
    const client = await served(files);
    await client.open(uri(), 'extends: base.kd.yaml\ntrain: { epoch: 3 }\n');
    await vi.waitFor(
      () => expect(codes(client.latest(uri())).sort()).toEqual(['KD2001', 'KD3018']),
      SOON_MILLISECONDS,
    );
    files.letGo();
    await vi.waitFor(() => expect(codes(client.latest(uri()))).toEqual(['KD2001']), SOON_MILLISECONDS);
    client.connection.dispose();
  });
});

describe.skipIf(process.platform === 'win32')('a file that blocks whoever opens it', () => {
  let bundle: ServerBundle;
  beforeAll(async () => {
    bundle = await bundleServer();
  });
  afterAll(() => bundle.remove());

  /** A named pipe that nobody writes to: opening it never returns. */
  function pipe(path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    execFileSync('mkfifo', [path]);
  }

  it('blocks neither typing nor the end of the server', async () => {
    pipe(dryRunFile(project.folder, project.path('a.kd.yaml')));
    pipe(join(project.folder, '.kd', 'runs', 'stuck-1', 'run.json'));
    const client = await ServerClient.start(bundle.path, [project.folder]);
    expect(await client.open(uri(), HEALTHY)).toEqual([]);
    const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const hints = client.request<{ label: string }[]>('textDocument/inlayHint', {
      textDocument: { uri: uri() },
      range,
    });
    const lenses = client.lenses(uri());
    // Asked while both hang.
    await client.change(uri(), 2, [{ text: SLIP }]);
    expect(codes(await client.diagnostics(uri(), 2))).toEqual(['KD2001']);
    expect((await hints).map(({ label }) => label)).toContain('4 steps each, 12 in all');
    expect((await lenses).map(({ command }) => command?.title)).toContain('$(play) Run');
    await client.shutdown();
    client.dispose();
  });
});
