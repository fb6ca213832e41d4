import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { capture } from './run.mjs';

const PAGE = join(ROOT, 'docs', 'soak.md');
const INTRODUCTION = `# The last soaks

\`npm run test:soak\` runs the tests with full counts, for hours, and writes this page anew; \`npm run test:soak -- --only PATTERN\` runs some of them and
writes their section.
`;

/**
 * Keeps what a soak said, with date and versions, in `docs/soak.md`: of all tests alone, of a pattern beside what stands there.
 *
 * @param {string} sum the last output of the run
 * @param {string} [only] the pattern
 */
export function storeSoak(sum, only) {
  const title = only === undefined ? 'All tests' : `Tests by the pattern \`${only}\``;
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const commit = capture('git', ['describe', '--always', '--dirty']).trim();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const facts = [
    ['date', new Date().toISOString().slice(0, 10)],
    ['version', `${version}, commit ${commit}`],
    ['Node', `${process.version}, ${process.platform} ${release()} ${process.arch}`],
    ['machine', `${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, ${gigabytes} GB`],
  ];
  const table = facts.map(([name, value]) => `- ${name}: ${value}`).join('\n');
  const section = `## ${title}\n\n${table}\n\n\`\`\`text\n${sum.trim()}\n\`\`\`\n`;
  const others = only === undefined ? [] : sections().filter((one) => !one.startsWith(`## ${title}\n`));
  writeFileSync(PAGE, [INTRODUCTION, ...others, section].join('\n'));
}

/** What stands on the page, each from its heading on. */
function sections() {
  const text = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  return text
    .split(/^(?=## )/m)
    .slice(1)
    .map((section) => `${section.trimEnd()}\n`);
}
