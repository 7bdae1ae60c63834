import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const recordSchema = z.object({
  /** Kept after a stop, so that the next start takes the same port when it can. */
  port: z.number(),
  pid: z.number().optional(),
  startIdentity: z.string().optional(),
});

/** What a private server is known by after the process that started it is gone. */
export type ServerRecord = z.infer<typeof recordSchema>;

/** Undefined when there is none, or none that can be read: the server's own pid file is then asked. */
export function readRecord(file: string): ServerRecord | undefined {
  return recordSchema.safeParse(readJson(file)).data;
}

export function writeRecord(file: string, record: ServerRecord): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The JSON in a file; undefined when there is no file or no JSON in it. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The lines of a small text file, such as a pid file; none when it cannot be read. */
export function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
