// The config loader as a fuzz target: any text as config.toml, with --set options behind it. Either there is a config with
// every key, or a SensorError that says what is wrong.
//
// Input: the file's text; after a NUL byte each, texts of --set.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fileOutput from '../../plugins/output-file/index.ts';
import stdoutOutput from '../../plugins/output-stdout/index.ts';
import { configReference, loadConfig } from '../../src/config/index.ts';
import { decoderDefinitions } from '../../src/decoders/index.ts';
import { SensorError } from '../../src/errors.ts';
import type { OutputPlugin } from '../../src/plugin/index.ts';
import type { Target } from './target.ts';

const outputs = [fileOutput, stdoutOutput] as unknown as readonly OutputPlugin[];
const folder = mkdtempSync(join(tmpdir(), 'ringtap-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

export const configTarget: Target = {
  name: 'config',
  meaning: 'texts and --set options at the config loader',
  seeds: () => {
    const reference = configReference(decoderDefinitions, outputs);
    const uncommented = reference.replace(/^# ?(?=\[|[a-z_]+ = )/gm, '');
    return [
      uncommented.slice(0, 3000),
      uncommented.slice(-3000),
      '[[source]]\npaths = ["a.pcap"]\n[[output]]\nkind = "file"\npath = "x"\n[workers]\npacket = 2\0session.idle_tcp_secs=5\0output.0.policy="drop"',
      '[decoder.dns]\nenabled = false\nports = [53, 5353]\n[log]\nlevel = "debug"\0a.b.c=[1,2]\0source.0.kind="file"',
    ].map((text) => Buffer.from(text));
  },
  run,
};

async function run(input: Buffer): Promise<string> {
  const [text = '', ...settings] = input.toString('utf8').split('\0');
  const file = join(folder, 'config.toml');
  writeFileSync(file, text);
  try {
    const config = await loadConfig({
      file,
      settings: settings.slice(0, 16),
      overlay: () => {},
      decoders: decoderDefinitions,
      outputs: async (kind) => outputs.find((plugin) => plugin.name === kind),
      outputKinds: outputs.map((plugin) => plugin.name),
      recordTypesOf: () => ['session', 'http', 'dns', 'tls', 'anomaly', 'stats'],
    });
    assert.ok(Object.isFrozen(config) && config.session.max_sessions >= 16);
    assert.equal(Object.keys(config.decoders).length, decoderDefinitions.length);
    return 'loaded';
  } catch (error) {
    if (!(error instanceof SensorError)) throw error;
    assert.ok(error.message.length > 0 && error.code.startsWith('RT_'));
    assert.ok(
      !/undefined|\[object Object\]/.test(error.message.replaceAll(text, '')) ||
        /undefined|object Object/.test(text + settings.join()),
      error.message,
    );
    const kinds = error.message.matchAll(/expected \w+ \w+|did you mean|known are|is missing|two outputs|cannot be both/g);
    return [error.code, ...new Set([...kinds].map(([kind]) => kind))].sort().join(', ');
  }
}
