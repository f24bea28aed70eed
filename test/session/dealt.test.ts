import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Verdict } from '../../src/decoders/index.ts';
import type { SessionConfig } from '../../src/session/index.ts';
import { type CopiedFacts, engineKit, type Kit, scripted } from './engine-kit.ts';
import type { PacketWords } from './ring-feeder.ts';

/** A reproducible sequence of numbers below a bound. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 0x1_0000_0000) * bound);
  }
}

/** A trace of many flows that come back after pauses, close, reset, reuse their ports, lose segments and mix them up. */
function makeTrace(seed: number): PacketWords[] {
  const dice = new Dice(seed);
  const packets: PacketWords[] = [];
  for (let flow = 0; flow < 120; flow += 1) {
    const client: PacketWords = { src: `10.0.${flow % 7}.1`, dst: '10.9.0.1', sport: 1000 + (flow % 40), dport: 80 };
    const server: PacketWords = { src: '10.9.0.1', dst: client.src as string, sport: 80, dport: client.sport as number };
    let ms = dice.below(200_000);
    const numbers = [dice.below(0x1_0000_0000), dice.below(0x1_0000_0000)];
    const isTcp = dice.below(3) > 0;
    const length = 2 + dice.below(30);
    for (let step = 0; step < length; step += 1) {
      ms += dice.below(20) === 0 ? dice.below(90_000) : dice.below(800);
      const from = step === 0 ? 0 : step === 1 ? 1 : dice.below(2);
      const ends = from === 0 ? client : server;
      const data = 'payload of a segment'.slice(dice.below(20));
      if (!isTcp) {
        packets.push({ ...ends, protocol: 17, data, ms });
        continue;
      }
      const flags = step === 0 ? 'S' : step === 1 ? 'SA' : dice.below(20) === 0 ? 'FA' : dice.below(40) === 0 ? 'RA' : 'PA';
      const takes = flags.includes('S') ? 1 : data.length + (flags === 'FA' ? 1 : 0);
      const lost = dice.below(15) === 0;
      const late = dice.below(10) === 0 ? dice.below(3000) : 0;
      const words = {
        ...ends,
        protocol: 6,
        flags,
        seq: numbers[from] as number,
        ack: numbers[1 - from] as number,
        ms: ms + late,
      };
      if (!lost) packets.push(flags.includes('S') ? words : { ...words, data });
      numbers[from] = ((numbers[from] as number) + takes) >>> 0;
    }
  }
  packets.sort((left, right) => (left.ms as number) - (right.ms as number));
  // A few packets come late in the capture: the clock is ahead of them.
  return packets.map((packet, index) => ({ ...packet, number: index + 1, lagMs: dice.below(30) === 0 ? dice.below(50) : 0 }));
}

/** Deals the trace to so many engines by flow hash, as capture does, clock records now and then included. */
function deal(
  trace: readonly PacketWords[],
  workers: number,
  config: Partial<SessionConfig>,
): { facts: CopiedFacts[]; log: string[]; kits: Kit[] } {
  const log: string[] = [];
  const decoder = scripted(log, {
    transports: ['tcp', 'udp'],
    probe: (_, text) => (text.length > 12 ? Verdict.certain : text.length < 4 ? Verdict.needMore : Verdict.no),
  });
  const kits = Array.from({ length: workers }, () => engineKit(config, [decoder]));
  const { feed } = kits[0] as Kit;
  let clockUs = 0;
  for (const [index, words] of trace.entries()) {
    const view = feed.packet(words);
    clockUs = Math.max(clockUs, view.clockUs);
    const worker = kits[(view.flowHash >>> 0) % workers] as Kit;
    worker.engine.packet(view);
    if (index % 17 === 0) for (const kit of kits) if (kit !== worker) kit.engine.advance(clockUs);
  }
  for (const kit of kits) {
    kit.engine.advance(clockUs);
    kit.engine.advance(Number.POSITIVE_INFINITY);
    kit.engine.finish();
  }
  return {
    facts: kits.flatMap(({ sessions }) => sessions).sort((left, right) => key(left).localeCompare(key(right))),
    log: log.sort(),
    kits,
  };
}

function key(facts: CopiedFacts): string {
  return `${facts.id} ${facts.part}`;
}

describe('the same trace dealt to 1, 2 and 4 engines', () => {
  for (const seed of [11, 13, 16]) {
    test(`gives the same sessions and the same decoder calls (seed ${seed})`, () => {
      const trace = makeTrace(seed);
      const config = { idle_tcp_secs: 30, idle_udp_secs: 20, close_linger_secs: 2, save_packets: 12 };
      const alone = deal(trace, 1, config);
      const ends = new Set(alone.facts.map(({ end }) => end));
      assert.deepEqual([...ends].sort(), ['fin', 'part', 'reset', 'reused', 'stopped', 'timeout']);
      for (const workers of [2, 4]) {
        const { facts, log, kits } = deal(trace, workers, config);
        assert.deepEqual(facts, alone.facts);
        assert.deepEqual(log, alone.log);
        assert.ok(kits.every(({ sessions }) => sessions.length > 0));
      }
      const packets = alone.facts.reduce((sum, facts) => sum + facts.packets[0] + facts.packets[1], 0);
      assert.equal(packets, trace.length);
    });
  }

  test('nothing is told with a logical time before the watermark', () => {
    const kit = engineKit({ idle_tcp_secs: 30, idle_udp_secs: 20, close_linger_secs: 2 });
    let watermarkUs = Number.NEGATIVE_INFINITY;
    let told = 0;
    for (const words of makeTrace(14)) {
      kit.engine.packet(kit.feed.packet(words));
      for (; told < kit.times.length; told += 1) assert.ok((kit.times[told]?.eventUs as number) >= watermarkUs);
      assert.ok(kit.engine.watermarkUs >= watermarkUs);
      watermarkUs = kit.engine.watermarkUs;
    }
    assert.ok(told > 20);
  });
});
