// The tunnels around a session's first packet, kept beside the table for the few sessions that have any.

import { formatAddress, type PacketView } from '../packet/index.ts';
import type { TunnelFacts } from '../record/index.ts';
import { TunnelLayout as L, TunnelType } from '../ring/index.ts';

const typeNames: readonly (string | undefined)[] = Object.entries(TunnelType).reduce<(string | undefined)[]>(
  (names, [name, type]) => {
    names[type] = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return names;
  },
  [],
);

/** Tunnels of the packet at `view`, outermost first. */
export function tunnelFacts(view: PacketView): readonly TunnelFacts[] {
  const { bytes } = view;
  return Array.from({ length: view.tunnelCount }, (_, position) => {
    const start = view.tunnelStart(position);
    const ipVersion = bytes[start + L.ipVersion] as number;
    return {
      type: typeNames[bytes[start + L.type] as number] ?? 'unknown',
      sourceAddress: ipVersion === 0 ? '' : formatAddress(ipVersion, bytes, start + L.sourceAddress),
      destinationAddress: ipVersion === 0 ? '' : formatAddress(ipVersion, bytes, start + L.destinationAddress),
      id: bytes.readUInt32LE(start + L.id),
    };
  });
}
