import { parentPort } from 'node:worker_threads';
import { lookUp, type Question } from './lookups.ts';

// A thread that may be stuck at any time; the server goes on without it.
parentPort?.on('message', (question: Question) => parentPort?.postMessage(lookUp(question)));
