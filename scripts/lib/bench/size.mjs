import { existsSync, statSync } from 'node:fs';
import { vsixFile } from '../vsix.mjs';
import { row } from './rows.mjs';

const BUDGET_MB = 30;

export const TASKS = [{ names: ['size/vsix'], measure }];

/** @returns {Promise<import('./rows.mjs').Result>} */
async function measure() {
  if (!existsSync(vsixFile()))
    return { rows: [], notRun: [{ name: 'size/vsix', why: 'no package yet: npm run package' }] };
  const megabytes = statSync(vsixFile()).size / 1e6;
  return { rows: [row({ name: 'size/vsix', unit: 'MB', target: BUDGET_MB }, [megabytes])], notRun: [] };
}
