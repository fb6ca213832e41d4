import { existsSync, statSync } from 'node:fs';
import { vsixFile } from '../vsix.mjs';
import { row } from './rows.mjs';

export const NAMES = ['size/vsix'];

const BUDGET_MB = 30;

/** @returns {Promise<import('./rows.mjs').Result>} */
export async function measure() {
  if (!existsSync(vsixFile()))
    return { rows: [], notRun: [{ name: 'size/vsix', why: 'no package yet: npm run package' }] };
  const megabytes = statSync(vsixFile()).size / 1e6;
  return { rows: [row({ name: 'size/vsix', unit: 'MB', target: BUDGET_MB }, [megabytes])], notRun: [] };
}
