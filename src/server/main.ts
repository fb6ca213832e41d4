import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { configLanguage } from './config-language.ts';
import { LookupThreads, startThread } from './lookup-threads.ts';
import { withPages } from './pages.ts';
import { serve } from './server.ts';

const bundles = dirname(fileURLToPath(import.meta.url));
const threads = new LookupThreads(() => startThread(join(bundles, 'server-lookups.cjs')));

// A thread that hangs in a call of the system would keep the process from ending.
process.on('exit', () => {
  if (threads.isStuck) process.kill(process.pid, 'SIGKILL');
});

// The transport (IPC from the editor, standard streams from other clients and tests) comes from the command line.
const pages = join(bundles, '..', 'docs');
serve(createConnection(ProposedFeatures.all), withPages(configLanguage, pages), threads);
