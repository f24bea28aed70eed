import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { PacketView } from '../../src/packet/index.ts';
import type { SessionTable } from '../../src/session/session-table.ts';
import { type Finder, finderOf, tableOf } from './finder.ts';
import { type PacketWords, RingFeeder } from './ring-feeder.ts';

const feeder = new RingFeeder();

/** A look-up, or a new session where there is nothing and room. */
function enter(table: SessionTable, { find, open }: Finder, view: PacketView, hash: number): number {
  const found = find(view, hash);
  return found >= 0 || table.isFull ? found >> 1 : open(view, hash);
}

describe('session table', () => {
  test('does what a Map does, with few hashes for many flows', () => {
    const steps = fc.array(
      fc.record({ flow: fc.nat({ max: 40 }), isReply: fc.boolean(), isRemoval: fc.boolean(), isSix: fc.boolean() }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (all, hashes) => {
        const table = tableOf(24);
        const finder = finderOf(table);
        const model = new Map<string, number>();
        for (const { flow, isReply, isRemoval, isSix } of all) {
          const client: PacketWords = isSix
            ? { src: 'fd00::1', dst: `fd00::${(flow % 5) + 2}`, sport: 1000 + flow, dport: 53 }
            : { src: '10.0.0.1', dst: `10.0.0.${(flow % 5) + 2}`, sport: 1000 + flow, dport: 53 };
          const reply = { src: client.dst as string, dst: client.src as string, sport: 53, dport: client.sport as number };
          const view = feeder.udp(isReply ? reply : client);
          const key = `${isSix} ${flow}`;
          // A session opened by what is a reply here has its directions the other way round.
          const hash = flow % hashes;
          const slot = enter(table, finder, view, hash);
          const expected = model.get(key);
          if (expected === undefined) {
            if (slot >= 0) model.set(key, slot);
            else assert.equal(model.size, 24);
          } else assert.equal(slot, expected);
          if (isRemoval && slot >= 0) {
            table.close(slot, 'stopped');
            model.delete(key);
          }
          assert.equal(table.size, model.size);
        }
        assert.equal(new Set(model.values()).size, model.size);
      }),
      { numRuns: 200, seed: 6 },
    );
  });

  test('that is emptied finds nothing, and is as new when all are gone', () => {
    const table = tableOf(100);
    const { find, open } = finderOf(table);
    for (const round of [1, 2, 3]) {
      const slots = Array.from({ length: 60 }, (_, flow) => open(feeder.udp({ sport: flow }), flow % 9));
      table.close(slots[17] as number, 'stopped');
      table.empty();
      assert.equal(find(feeder.udp({ sport: 3 }), 3), -1, `round ${round}`);
      for (const slot of slots) if (slot !== slots[17]) table.close(slot, 'stopped');
      assert.equal(table.size, 0);
      const slot = open(feeder.udp({ sport: 3 }), 3);
      assert.equal(find(feeder.udp({ sport: 3 }), 3) >> 1, slot);
      table.close(slot, 'stopped');
      assert.equal(find(feeder.udp({ sport: 3 }), 3), -1);
      table.empty();
    }
  });

  test('grows its index without losing a session', () => {
    const table = tableOf(20_000);
    const { find, open } = finderOf(table);
    for (let flow = 0; flow < 20_000; flow += 1) open(feeder.udp({ sport: flow, dst: `10.${flow >> 14}.0.2` }), flow * 7);
    assert.equal(table.isFull, true);
    for (let flow = 0; flow < 20_000; flow += 1) {
      assert.equal(find(feeder.udp({ sport: flow, dst: `10.${flow >> 14}.0.2` }), flow * 7), flow * 2);
    }
    for (let flow = 0; flow < 20_000; flow += 2) table.close(flow, 'stopped');
    for (let flow = 0; flow < 20_000; flow += 1) {
      const expected = flow % 2 === 0 ? -1 : flow * 2;
      assert.equal(find(feeder.udp({ sport: flow, dst: `10.${flow >> 14}.0.2` }), flow * 7), expected);
    }
  });

  test('tells the directions apart', () => {
    const table = tableOf(16);
    const { find, open } = finderOf(table);
    const client: PacketWords = { src: 'fd00::1', dst: 'fd00::2', sport: 1000, dport: 53 };
    const slot = open(feeder.udp(client), 5);
    assert.equal(find(feeder.udp({ src: 'fd00::2', dst: 'fd00::1', sport: 53, dport: 1000 }), 5), slot * 2 + 1);
    assert.equal(find(feeder.udp(client), 5), slot * 2);
    table.flip(slot);
    assert.equal(find(feeder.udp(client), 5), slot * 2 + 1);
    assert.equal(find(feeder.udp({ ...client, sport: 53, dport: 1000 }), 5), -1);
    assert.equal(find(feeder.tcp(client), 5), -1);
    assert.equal(find(feeder.udp({ ...client, dst: 'fd00::1:2' }), 5), -1);
  });

  test('VLAN and VNI tell sessions apart only when tracked', () => {
    const tagged: PacketWords = { vlans: [7, 8], vni: 99 };
    const others: readonly PacketWords[] = [
      { vlans: [7, 9], vni: 99 },
      { vlans: [8], vni: 99 },
      { vlans: [7, 8], vni: 98 },
    ];
    const plain = tableOf(16);
    const exact = tableOf(16, true, true);
    const inPlain = finderOf(plain);
    const inExact = finderOf(exact);
    const slot = inPlain.open(feeder.udp(tagged), 1);
    const same = inExact.open(feeder.udp(tagged), 1);
    for (const other of others) {
      assert.equal(inPlain.find(feeder.udp(other), 1), slot * 2);
      assert.equal(inExact.find(feeder.udp(other), 1), -1);
    }
    assert.equal(inExact.find(feeder.udp(tagged), 1), same * 2);
  });
});
