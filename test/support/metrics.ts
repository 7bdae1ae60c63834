/** The samples of Prometheus's text format, as `name{label="value"}` and their value. Throws at a line that is none. */
export function samplesOf(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || /^# (?:HELP|TYPE) \S+ \S/.test(line)) continue;
    const [, name, value] =
      /^(\w+(?:\{(?:\w+="[^"\n]*",?)+\})?) (-?[\d.]+(?:e[+-]?\d+)?|\+Inf|-Inf|Nan)$/i.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`Not a sample: ${line}`);
    if (samples.has(name)) throw new Error(`Twice: ${line}`);
    samples.set(name, Number(value.replace('Inf', 'Infinity')));
  }
  return samples;
}

/** The samples of one metric. */
export function samplesNamed(text: string, name: string): Record<string, number> {
  return Object.fromEntries(
    [...samplesOf(text)].filter(([sample]) => sample.startsWith(`${name}{`) || sample === name),
  );
}
