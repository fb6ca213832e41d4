import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { capture } from './run.mjs';

/**
 * Keeps what a whole soak said, with date and versions, in `docs/soak.md`.
 *
 * @param {string} sum the last output of the run
 */
export function storeSoak(sum) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const commit = capture('git', ['describe', '--always', '--dirty']).trim();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, ${gigabytes} GB`;
  const facts = [
    ['date', new Date().toISOString().slice(0, 10)],
    ['version', `${version}, commit ${commit}`],
    ['Node', `${process.version}, ${process.platform} ${release()} ${process.arch}`],
    ['machine', machine],
  ];
  const table = facts.map(([name, value]) => `- ${name}: ${value}`).join('\n');
  const page = `# The last soak

\`npm run test:soak\` runs the tests with full counts, for hours, and writes this page.

${table}

\`\`\`text
${sum.trim()}
\`\`\`
`;
  writeFileSync(join(ROOT, 'docs', 'soak.md'), page);
}
