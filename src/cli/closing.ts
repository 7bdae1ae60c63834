import { reasonOf } from '../startup-error.ts';

/** What was opened, to be closed in reverse order. */
export interface Closing {
  /** `name` is for the line that says it did not close: `the API`. */
  add(name: string, close: () => unknown): void;
  /** Closes everything, whatever fails; a second call does nothing more. */
  close(): Promise<void>;
}

export function createClosing(say: (line: string) => void): Closing {
  const opened: { readonly name: string; readonly close: () => unknown }[] = [];
  return {
    add: (name, close) => void opened.push({ name, close }),
    close: async () => {
      for (const { name, close } of opened.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          say(`Closing ${name} failed: ${reasonOf(error)}`);
        }
      }
    },
  };
}
