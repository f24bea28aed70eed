// A parser of the Prometheus text format, version 0.0.4, strict enough to find what a scraper would trip over. For tests.

export interface Metric {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

/** Throws on anything that is not valid: names, order, double samples, missing HELP or TYPE, values that are no numbers. */
export function parsePrometheusText(text: string): Map<string, Metric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const metrics = new Map<string, Metric & { samples: Metric['samples'][number][] }>();
  const seen = new Set<string>();
  let current = '';
  let help: string | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment !== null) {
      const [, word, name, rest] = comment as unknown as [string, string, string, string];
      if (word === 'HELP') {
        if (!metricName.test(name) || metrics.has(name)) throw new Error(`bad or repeated metric: ${line}`);
        help = rest;
      } else {
        if (help === undefined || !['counter', 'gauge'].includes(rest)) throw new Error(`bad type: ${line}`);
        metrics.set(name, { help, type: rest, samples: [] });
        current = name;
        help = undefined;
      }
      continue;
    }
    const sample = sampleLine.exec(line);
    if (sample === null) throw new Error(`no sample: ${line}`);
    const [, name, labels = '', value] = sample as unknown as [string, string, string | undefined, string];
    if (name !== current) throw new Error(`a sample away from its metric: ${line}`);
    const key = line.slice(0, line.lastIndexOf(' '));
    if (seen.has(key)) throw new Error(`twice: ${key}`);
    seen.add(key);
    if (!/^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/.test(value)) throw new Error(`no number: ${line}`);
    metrics.get(name)?.samples.push({ labels: parseLabels(labels, line), value: Number(value) });
  }
  return metrics;
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const match = label.exec(text);
    if (match === null) throw new Error(`bad labels: ${line}`);
    const [, name, value] = match as unknown as [string, string, string];
    labels[name] = value.replace(/\\(["\\n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}
