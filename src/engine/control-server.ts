import { timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import {
  createMessageConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { CONTROL_ERRORS, CONTROL_VERSION, type ControlRequests } from '../protocol/control.ts';
import { readRequest, writeRequest, type ControlThreadData } from './control-messages.ts';

/** A connection that has not said the token by then is closed. */
const GREETING_MILLISECONDS = 5_000;
/** Time for the refusal to arrive before the connection ends. */
const REFUSAL_MILLISECONDS = 200;
const MOST_CONNECTIONS = 32;

/** Listens on the run's socket; requests end in the shared memory. Rejects where the address cannot be used. */
export function serveControl(data: ControlThreadData): Promise<Server> {
  const server = createServer((socket) => serve(socket, data));
  server.maxConnections = MOST_CONNECTIONS;
  // Only the holder of the run's lock comes here, so a socket that is still there belongs to nobody.
  if (process.platform !== 'win32') rmSync(data.address, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(data.address, () => {
      server.removeListener('error', reject);
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}

function serve(socket: Socket, data: ControlThreadData): void {
  const reader = new StreamMessageReader(socket);
  // Its timer would go on after the connection is closed; the greeting has a limit of its own.
  reader.partialMessageTimeout = 0;
  const rpc = createMessageConnection(reader, new StreamMessageWriter(socket));
  const close = () => {
    rpc.dispose();
    socket.destroy();
  };
  let greeted = false;
  const timer = setTimeout(close, GREETING_MILLISECONDS);
  socket.on('close', () => clearTimeout(timer));
  socket.on('error', close);
  // What is not JSON-RPC ends the connection, never the engine.
  rpc.onError(close);

  answer(rpc, 'hello', ({ version, token }) => {
    if (!isToken(token, data.token)) {
      setTimeout(close, REFUSAL_MILLISECONDS);
      throw new ResponseError(CONTROL_ERRORS.wrongToken, 'The token is not that of this run.');
    }
    if (version !== CONTROL_VERSION) {
      throw new ResponseError(CONTROL_ERRORS.wrongVersion, `This engine speaks version ${CONTROL_VERSION}.`);
    }
    greeted = true;
    clearTimeout(timer);
    return { version: CONTROL_VERSION, run: data.run, pid: process.pid };
  });
  answer(rpc, 'stop', () => {
    requireGreeting(greeted);
    return { accepted: writeRequest(data.request, 'stop') };
  });
  answer(rpc, 'pause', () => {
    requireGreeting(greeted);
    return { accepted: writeRequest(data.request, 'pause') };
  });
  answer(rpc, 'resume', () => {
    requireGreeting(greeted);
    return { accepted: writeRequest(data.request, 'none') };
  });
  answer(rpc, 'ping', () => {
    requireGreeting(greeted);
    return { request: readRequest(data.request) };
  });
  rpc.listen();
}

function requireGreeting(greeted: boolean): void {
  if (!greeted) throw new ResponseError(CONTROL_ERRORS.notGreeted, 'Say hello with the token first.');
}

/** Parameters come from another process: handlers get them as unknown as they are. */
function answer<M extends keyof ControlRequests>(
  rpc: MessageConnection,
  method: M,
  handle: (
    params: Partial<Record<keyof ControlRequests[M]['params'], unknown>>,
  ) => ControlRequests[M]['result'],
): void {
  rpc.onRequest<unknown, unknown>(method as string, (params: unknown) =>
    handle(typeof params === 'object' && params !== null ? params : {}),
  );
}

function isToken(given: unknown, token: string): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
