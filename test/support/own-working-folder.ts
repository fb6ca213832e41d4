import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/**
 * Before each file of tests: what it starts is told in a folder of its own. So it neither meets the user's runs nor those of files
 * that run beside it.
 */
const folder = join(tmpdir(), `kd-working-${randomUUID()}`);
process.env.KD_WORKING = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
