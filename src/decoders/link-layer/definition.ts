// Protocols straight over Ethernet: LLDP by its EtherType, and what frames with IEEE 802.2 headers instead of an EtherType
// carry, as recognition, configuration and the field registry see them.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { readLogicalLink } from './decoder.ts';
import { linkLayerFields } from './fields.ts';

export const lldpDecoder: DecoderDefinition = {
  name: 'lldp',
  title: 'LLDP (IEEE 802.1AB): sessions are named',
  transports: ['ethernet'],
  ports: [],
  numbers: [0x88cc],
  records: [],
  sessionFields: [],
  anomalies: [],
  options: Type.Object({}),
  probe: () => Verdict.no,
  create: (context) => new PacketDecoder(context, () => {}),
};

export const logicalLinkDecoder: DecoderDefinition = {
  name: 'llc',
  title: 'IEEE 802.2 frames: IS-IS, ES-IS, XID',
  transports: ['ethernet'],
  ports: [],
  // The capture says 0 where a length stands in the place of the EtherType.
  numbers: [0],
  namesItself: true,
  records: [],
  sessionFields: Object.values(linkLayerFields),
  anomalies: [],
  options: Type.Object({}),
  probe: () => Verdict.no,
  create: (context) => new PacketDecoder(context, readLogicalLink),
};
