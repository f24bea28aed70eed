// The outputs of a run that take packets, as the supervisor wires them: how packets are laid out for each, the desks between it
// and the packet workers, and what both sides are given of that. Main thread.

import { type Config, type OutputConfig, outputName } from '../config/index.ts';
import { type CounterHandle, type CounterSet, type CounterSpec, defineCounters } from '../counters/index.ts';
import { FileDesk, minPacketRingBytes } from '../pcap/index.ts';
import { packetLinkCounters } from '../pipeline/index.ts';
import type { OutputPlugin, PacketForm } from '../plugin/index.ts';
import { nodeName } from './encoders.ts';
import { packetOutputCounters } from './packet-output-runner.ts';
import type { NumberProvider, PacketsOutput, PacketsWiring } from './protocol.ts';

interface TakingOutput {
  readonly name: string;
  readonly form: PacketForm;
  readonly policy: 'block' | 'drop';
  readonly desks: readonly SharedArrayBuffer[];
}

type HandleOf = (set: CounterSet, labels: Readonly<Record<string, string>>) => CounterHandle;

/** Counters that a plugin declares. */
export function pluginCounters(plugin: OutputPlugin): CounterSet {
  const specs = Object.entries(plugin.counters ?? {}).map(([name, spec]): [string, CounterSpec] => [
    name,
    typeof spec === 'string' ? { help: spec } : spec,
  ]);
  return defineCounters(`output_${plugin.name.replaceAll('-', '_')}`, Object.fromEntries(specs));
}

export function isLive({ sources }: Config): boolean {
  return sources.some((source) => source.kind === 'af_packet' || source.kind === 'cap');
}

export class PacketOutputs {
  readonly #outputs: readonly (TakingOutput | undefined)[];
  readonly #sources: readonly string[];
  readonly #node: string;
  readonly #numbers: readonly NumberProvider[];

  /** `pluginOf` of an output; `sources`: names of the capture workers. */
  constructor(
    config: Config,
    pluginOf: (output: OutputConfig) => { readonly plugin: OutputPlugin; readonly url: string } | undefined,
    directory: string,
    sources: readonly string[],
    workers: number,
  ) {
    const live = isLive(config);
    this.#sources = sources;
    this.#node = nodeName(config.arkime);
    this.#outputs = config.outputs.map((output) => {
      const taking = pluginOf(output)?.plugin.packets;
      if (taking === undefined) return undefined;
      const { common, own } = output;
      const name = outputName(common);
      const form = taking.form(own as never, {
        directory,
        live,
        node: nodeName(config.arkime),
        gapPositions: config.arkime.gap_positions,
      });
      const withBlocks = form.kind === 'files' && form.compression !== 'none';
      return {
        name,
        form,
        // The config has no `spill` for packets.
        policy: common.policy === 'drop' || (common.policy === 'auto' && live) ? 'drop' : 'block',
        desks: form.kind === 'stream' ? [] : Array.from({ length: workers }, () => FileDesk.create(withBlocks).buffer),
      };
    });
    this.#numbers = config.outputs.flatMap((output) => {
      const { plugin, url } = pluginOf(output) ?? {};
      if (plugin?.fileNumbers === undefined || url === undefined) return [];
      return [{ name: outputName(output.common), plugin: url, config: output.own }];
    });
  }

  /** Whether an output takes packets. */
  takes(output: number): boolean {
    return this.#outputs[output] !== undefined;
  }

  get count(): number {
    return this.#outputs.filter((output) => output !== undefined).length;
  }

  ringBytes(output: number, configured: number): number {
    return this.takes(output) ? Math.max(configured, minPacketRingBytes) : configured;
  }

  /** What a packet worker is given. `rings`: by output. */
  ofWorker(worker: number, rings: readonly (readonly SharedArrayBuffer[])[], handle: HandleOf): PacketsOutput[] {
    return this.#outputs.flatMap((output, index) =>
      output === undefined
        ? []
        : [
            {
              ring: (rings[index] as readonly SharedArrayBuffer[])[worker] as SharedArrayBuffer,
              policy: output.policy,
              form: output.form,
              desk: output.desks[worker],
              counters: handle(packetLinkCounters, { output: output.name, worker: String(worker) }),
            },
          ],
    );
  }

  /** What the output's thread is given. */
  wiring(output: number, handle: HandleOf): PacketsWiring | undefined {
    const taking = this.#outputs[output];
    if (taking === undefined) return undefined;
    const { form, desks, name } = taking;
    const numbers = form.kind === 'files' ? this.#numbers : [];
    const counters = handle(packetOutputCounters, { output: name });
    return { form, desks, node: this.#node, sources: this.#sources, numbers, counters };
  }
}
