// What only the first packets of a session's side tell: TTL, MACs, and that the opening of a connection is over. Called by the
// session engine on its packet worker.

import type { Direction } from '../decoders/index.ts';
import type { PacketView } from '../packet/index.ts';
import type { SessionTable } from './session-table.ts';
import { SideByte, Slot, State } from './slot-layout.ts';
import { TcpFlag } from './tcp-tracker.ts';

const noEthernet = 255;

/**
 * The first two packets of a side in a part. The first of all gives TTL and MAC, and the other side's MAC until that
 * speaks; an answer, or something other than a SYN, ends the opening of a connection.
 * @param idleMs idle time in milliseconds by IP protocol
 * @param base word of the slot
 * @param side word of the side
 */
export function noteEarly(
  table: SessionTable,
  idleMs: Int32Array,
  view: PacketView,
  base: number,
  side: number,
  direction: Direction,
): void {
  const { words, octets } = table;
  const state = words[base + Slot.state] as number;
  const other = direction === 0 ? 1 : 0;
  const isHeard = (state & (State.heard0 << direction)) !== 0;
  const isOpen = isHeard ? (view.tcpFlags & TcpFlag.syn) === 0 : (state & (State.heard0 << other)) !== 0;
  if (isOpen && (state & State.closing) === 0) words[base + Slot.idleMs] = idleMs[view.protocol] as number;
  // The counts of a side begin anew with each part of a session, these facts do not.
  if (isHeard) return;
  octets[side * 4 + SideByte.ttl] = view.ttl;
  let now = state | (State.heard0 << direction);
  const offset = view.ethernetOffset;
  if (offset !== noEthernet) {
    const frame = view.frameStart + offset;
    keepMac(octets, view.bytes, frame + 6, side);
    now |= State.mac0 << direction;
    if ((state & (State.mac0 << other)) === 0) {
      keepMac(octets, view.bytes, frame, base + Slot.side0 + other * 16);
      now |= State.mac0 << other;
    }
  }
  words[base + Slot.state] = now;
}

function keepMac(octets: Uint8Array, bytes: Buffer, from: number, side: number): void {
  const at = side * 4 + SideByte.mac;
  for (let position = 0; position < 6; position += 1) octets[at + position] = bytes[from + position] as number;
}
