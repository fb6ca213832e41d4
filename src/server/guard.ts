/** Where defects are reported; the connection's console. */
export interface Log {
  error(message: string): void;
}

/**
 * A request that cannot take the server down: a defect in one answer is logged, and the editor gets `fallback` for
 * this one request.
 */
export function guarded<P extends readonly unknown[], R>(
  log: Log,
  what: string,
  fallback: R,
  answer: (...parameters: P) => R,
): (...parameters: P) => R {
  return (...parameters) => {
    try {
      return answer(...parameters);
    } catch (error) {
      log.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return fallback;
    }
  };
}
