// Frames with an IEEE 802.2 header: exchange of identification (XID), and the OSI routing protocols IS-IS (ISO 10589) and
// ES-IS (ISO 9542). Called by the `llc` decoder with frames from behind their length field on.

import type { PacketReader } from '../packet-decoder.ts';
import { linkLayerFields } from './fields.ts';

/** Service access point of the OSI network layer, and network layer protocols within it (ISO 9577). */
const osiNetwork = 0xfe;
const Protocol = { esis: 0x82, isis: 0x83 } as const;
/** Control fields of unnumbered frames, without the poll or final bit (IEEE 802.2 section 5.4.2). */
const Control = { information: 0x03, identification: 0xaf } as const;
const pollFinal = 0x10;

const isisTypes = new Map([
  [15, 'lan-l1-hello'],
  [16, 'lan-l2-hello'],
  [17, 'p2p-hello'],
  [18, 'l1-lsp'],
  [20, 'l2-lsp'],
  [24, 'l1-csnp'],
  [25, 'l2-csnp'],
  [26, 'l1-psnp'],
  [27, 'l2-psnp'],
]);
const esisTypes = new Map([
  [2, 'esh'],
  [4, 'ish'],
  [6, 'rd'],
]);
/** The type's place from the discriminator on, the same in both protocols; the upper bits are reserved. */
const typePlace = 4;
const typeBits = 0x1f;

export const readLogicalLink: PacketReader = (context, _direction, bytes, from, to) => {
  if (to - from < 3) return;
  const control = (bytes[from + 2] as number) & ~pollFinal;
  if (control === Control.identification) {
    context.protocol('xid');
    return;
  }
  const isOsi = bytes[from] === osiNetwork && bytes[from + 1] === osiNetwork && control === Control.information;
  if (!isOsi || to - from < 4) return;
  const start = from + 3;
  const protocol = bytes[start];
  if (protocol !== Protocol.isis && protocol !== Protocol.esis) return;
  context.protocol(protocol === Protocol.isis ? 'isis' : 'esis');
  if (to - start <= typePlace) {
    if (protocol === Protocol.isis) context.note(linkLayerFields.isis, `err-len-${to - start - 1}`);
    return;
  }
  const type = (bytes[start + typePlace] as number) & typeBits;
  if (protocol === Protocol.isis) context.note(linkLayerFields.isis, isisTypes.get(type) ?? `unk-${type}`);
  else context.note(linkLayerFields.esis, esisTypes.get(type) ?? `unknown-${type}`);
};
