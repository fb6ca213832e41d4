import { resolve } from 'node:path';
import { ServerClient } from '../server/client.ts';
import { createProject, healthyOf } from '../server/project.ts';

const LINES = 300;
const WARM_UP = 20;
const KEYSTROKES = 200;
/** Line and column of the `h` in `epochs: 3` of the last block, where the fault is typed. */
const FAULT = 'epochs: 3';

/**
 * Prints the milliseconds from each keystroke in a 300-line file to the diagnostics of that very text, through the built
 * server: a key is misspelt and corrected in turns.
 */
async function measure(): Promise<void> {
  const project = createProject();
  const client = await ServerClient.start(resolve('dist/server.cjs'), [project.folder]);
  try {
    console.log(JSON.stringify({ milliseconds: await keystrokes(client, project.uri('bench.kd.yaml')) }));
  } finally {
    client.dispose();
    project.remove();
  }
}

async function keystrokes(client: ServerClient, uri: string): Promise<readonly number[]> {
  const lines = healthyOf(LINES).split('\n');
  const line = lines.findLastIndex((text) => text.trim() === FAULT);
  const character = lines[line]?.indexOf('h') ?? -1;
  await client.open(uri, lines.join('\n'));
  const milliseconds: number[] = [];
  for (let stroke = 0; stroke < WARM_UP + KEYSTROKES; stroke += 1) {
    const spoil = stroke % 2 === 0;
    const range = { start: { line, character }, end: { line, character: character + (spoil ? 0 : 1) } };
    const version = stroke + 2;
    const started = performance.now();
    const published = client.diagnostics(uri, version);
    await client.change(uri, version, [{ range, text: spoil ? 'x' : '' }]);
    const found = await published;
    if (stroke >= WARM_UP) milliseconds.push(performance.now() - started);
    // An answer that is fast and wrong measures nothing.
    if (found.some(({ severity }) => severity === 1) !== spoil) {
      throw new Error(`keystroke ${stroke}: ${JSON.stringify(found)}`);
    }
  }
  return milliseconds;
}

void measure();
