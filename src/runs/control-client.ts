import { connect, type Socket } from 'node:net';
import { CONTROL_VERSION, type ControlMethod, type ControlRequests } from '../protocol/control.ts';
import type { RunRecord } from '../protocol/records.ts';

const CONNECT_MILLISECONDS = 2_000;
const ANSWER_MILLISECONDS = 5_000;

type ResultOf<M extends ControlMethod> = ControlRequests[M]['result'];

/** A connection to a living engine. */
export interface ControlConnection {
  request<M extends ControlMethod>(
    method: M,
    params: ControlRequests[M]['params'],
  ): Promise<ControlRequests[M]['result']>;
  close(): void;
}

/** Connects and greets; rejects where no engine answers, in words for the log. */
export async function connectEngine(engine: NonNullable<RunRecord['process']>): Promise<ControlConnection> {
  // Loaded with the first question to an engine: the editor's host must be ready before that.
  const { createMessageConnection, StreamMessageReader, StreamMessageWriter } =
    await import('vscode-jsonrpc/node');
  const socket = await open(engine.socket);
  const reader = new StreamMessageReader(socket);
  // Its timer for messages that arrive in parts goes on after the connection is closed, and keeps the process alive.
  reader.partialMessageTimeout = 0;
  const rpc = createMessageConnection(reader, new StreamMessageWriter(socket));
  // A lost connection shows as a request without an answer.
  rpc.onError(() => undefined);
  rpc.listen();
  const closed = new Promise<never>((_, reject) => {
    rpc.onClose(() => reject(new Error('The engine closed the connection.')));
  });
  closed.catch(() => undefined);
  const connection: ControlConnection = {
    request: (method, params) =>
      answered(Promise.race([rpc.sendRequest<ResultOf<typeof method>>(method, params), closed]), method),
    close: () => {
      rpc.dispose();
      socket.destroy();
    },
  };
  try {
    await connection.request('hello', { version: CONTROL_VERSION, token: engine.token });
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function open(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    const timer = setTimeout(() => fail(new Error('The engine does not answer.')), CONNECT_MILLISECONDS);
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeListener('error', fail);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

async function answered<T>(answer: Promise<T>, method: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The engine did not answer "${method}".`)),
      ANSWER_MILLISECONDS,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
