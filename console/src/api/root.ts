/** As far as it is asked here: the console's model is also tested where there is no page. */
interface Page {
  readonly document?: { querySelector(selector: string): { getAttribute(name: string): string | null } | null };
}

const { document: page } = globalThis as unknown as Page;

/** The path that Backstep is mounted at, such as `/backstep`; empty at the root. */
export const ROOT_URL = page?.querySelector('meta[name="backstep-root"]')?.getAttribute('content') ?? '';
