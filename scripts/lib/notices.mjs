import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

const LICENSE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** Writes `dist/THIRD-PARTY-NOTICES.txt`: name, version and licence text of every package that is shipped in a bundle or beside one. */
export function writeNotices() {
  const meta = join(ROOT, 'dist', 'meta');
  const packages = new Set(['onnxruntime-node', 'onnxruntime-common', 'onnxruntime-web']);
  for (const file of readdirSync(meta)) {
    for (const input of Object.keys(JSON.parse(readFileSync(join(meta, file), 'utf8')).inputs)) {
      const name = /^(.*node_modules\/)((?:@[^/]+\/)?[^/]+)/.exec(input);
      if (name) packages.add(name[0].slice(name[0].indexOf('node_modules/') + 'node_modules/'.length));
    }
  }
  const notices = [...packages].sort().map(notice);
  writeFileSync(join(ROOT, 'dist', 'THIRD-PARTY-NOTICES.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`));
}

/** @param {string} name path of the package below `node_modules` */
function notice(name) {
  const folder = join(ROOT, 'node_modules', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder)
    .filter((file) => LICENSE_FILE.test(file) && existsSync(join(folder, file)))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const licence = typeof manifest.license === 'string' ? manifest.license : 'see below';
  return `${manifest.name} ${manifest.version} (${licence})\n\n${texts.join('\n\n')}\n`;
}
