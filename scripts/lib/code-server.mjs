import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realVSCodeEntry } from './real-vscode.mjs';
import { capture } from './run.mjs';

/** How long a start may take before it is given up, in milliseconds; it takes about three seconds. */
const START_TIMEOUT_MS = 60_000;

/** Nothing greets, updates or reports in a test or a demonstration. */
const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
};

/**
 * Starts a VS Code with the packaged extension on a free loopback port, with folders of its own.
 *
 * @param {object} options
 * @param {string} options.vsix the package to install
 * @param {string} options.folder where settings, extensions and state of this VS Code are kept
 * @param {boolean} [options.trust] false: the workspace starts in Restricted Mode, as an unknown one does
 * @param {Record<string, unknown>} [options.settings] user settings beside the quiet ones
 * @param {Record<string, string>} [options.environment] environment of everything started inside
 * @returns {Promise<{ url: string, output: () => string, stop: () => Promise<void> }>} `url` shows a folder with `?folder=`
 */
export async function startVSCode({ vsix, folder, trust = true, settings = {}, environment = {} }) {
  const data = join(folder, 'data');
  const own = [
    '--user-data-dir',
    data,
    '--extensions-dir',
    join(folder, 'extensions'),
    '--config',
    join(folder, 'config.yaml'),
  ];
  mkdirSync(join(data, 'User'), { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), 'cert: false\n');
  writeFileSync(
    join(data, 'User', 'settings.json'),
    JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2),
  );
  const env = { ...withoutEditor(process.env), ...environment };
  capture(process.execPath, [realVSCodeEntry(), ...own, '--install-extension', vsix, '--force'], { env });

  const trusting = trust ? ['--disable-workspace-trust'] : [];
  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'];
  const address = ['--auth', 'none', '--bind-addr', '127.0.0.1:0'];
  // A process group of its own, so that everything it starts ends with it; engines are detached and live on.
  const server = spawn(process.execPath, [realVSCodeEntry(), ...address, ...own, ...quiet, ...trusting], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk) => (output += chunk);
  server.stdout.setEncoding('utf8').on('data', collect);
  server.stderr.setEncoding('utf8').on('data', collect);
  const ended = new Promise((resolve) => server.once('close', resolve));

  const stop = async () => {
    const running = server.exitCode === null && server.signalCode === null;
    if (running && server.pid !== undefined) process.kill(-server.pid, 'SIGTERM');
    await ended;
  };
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => void stop().then(() => reject(failure('did not start in time'))),
      START_TIMEOUT_MS,
    );
    const look = () => {
      const address = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    };
    server.stdout.on('data', look);
    server.once('close', () => {
      clearTimeout(timer);
      reject(failure('ended before it listened'));
    });
  });
  return { url: `${url}/`, output: () => output, stop };

  function failure(what) {
    return new Error(`VS Code ${what}:\n${output}`);
  }
}

/** An editor that runs this script (its terminal) is not to be seen by the one that is started. */
function withoutEditor(environment) {
  const hidden = ['VSCODE_', 'ELECTRON_', 'CODE_SERVER'];
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !hidden.some((prefix) => name.startsWith(prefix)) && name !== 'PORT',
    ),
  );
}
