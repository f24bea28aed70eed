// Conversations for each decoder to start from: those of the captures that it would be given, by number or by its probe, and the
// rest of those that another decoder hands over to it (TLS behind STARTTLS, WebSocket behind HTTP).

import { type DecoderDefinition, decoderDefinitions, type Transport, Verdict } from '../../src/decoders/index.ts';
import { play, type Step } from '../../test/decoders/decoder-kit.ts';
import { conversationsOf } from './capture-seeds.ts';

export interface Talk {
  readonly transport: Transport;
  readonly serverPort: number;
  readonly script: readonly Step[];
}

/** Hand-overs one behind the other: a proxy's tunnel, a greeting, TLS. */
const maxHeirs = 3;

const known = new Map<string, ReadonlyMap<string, readonly Talk[]>>();

/** By the decoder's name. Captures are read once. */
export function decoderSeeds(captures: readonly string[]): ReadonlyMap<string, readonly Talk[]> {
  const key = captures.join('\n');
  const seeds = known.get(key) ?? collect(captures);
  known.set(key, seeds);
  return seeds;
}

/** Whether recognition could give the decoder a session that begins like this. */
export function accepts(definition: DecoderDefinition, { transport, script }: Talk, number: number): boolean {
  if (!definition.transports.includes(transport)) return false;
  if (transport === 'ip' || transport === 'ethernet') return definition.numbers?.includes(number) ?? false;
  const first = script.find((step) => 'bytes' in step);
  if (first === undefined) return false;
  const verdict = definition.probe(first.direction, Buffer.from(first.bytes), 0, first.bytes.length);
  return verdict !== Verdict.no && verdict !== Verdict.needMore;
}

function collect(captures: readonly string[]): ReadonlyMap<string, readonly Talk[]> {
  const seeds = new Map<string, Talk[]>(decoderDefinitions.map(({ name }) => [name, []]));
  const give = (talk: Talk, number: number, heir: string, depth: number): void => {
    for (const definition of decoderDefinitions) {
      if (heir !== '' ? definition.name !== heir : !accepts(definition, talk, number)) continue;
      seeds.get(definition.name)?.push(talk);
      if (talk.transport !== 'tcp' || depth === maxHeirs) continue;
      const heard = play(definition, talk.script, { serverPort: talk.serverPort });
      const script = heard.handedOver.flatMap((bytes, direction): Step[] =>
        bytes.length > 0 ? [{ direction: direction === 0 ? 0 : 1, bytes, timeUs: 0 }] : [],
      );
      if (script.length > 0) give({ ...talk, script }, number, heard.heir, depth + 1);
    }
  };
  for (const { transport, protocol, serverPort, packets } of conversationsOf(captures)) {
    const script = packets
      .filter(({ payload }) => payload.length > 0)
      .map(({ direction, payload }): Step => ({ direction, bytes: payload, timeUs: 0 }));
    if (script.length > 0) give({ transport, serverPort, script }, protocol, '', 0);
  }
  return seeds;
}
