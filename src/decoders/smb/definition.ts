// SMB 1, 2 and 3 over TCP as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { tagsField } from '../../record/index.ts';
import type { DecoderDefinition } from '../contract.ts';
import { dcerpcFields } from '../dcerpc-pdu/index.ts';
import { ntlmFields } from '../ntlm/index.ts';
import { SmbDecoder } from './decoder.ts';
import { smbFields } from './fields.ts';
import { FrameType, probeSmb } from './frame.ts';

export const smbDecoder: DecoderDefinition = {
  name: 'smb',
  title: 'SMB 1, 2 and 3',
  transports: ['tcp'],
  ports: [139, 445],
  firstBytes: [FrameType.message, FrameType.request, FrameType.accepted],
  records: [],
  sessionFields: [...Object.values(smbFields), ...Object.values(ntlmFields), ...Object.values(dcerpcFields), tagsField],
  anomalies: [],
  options: Type.Object({
    deep: Type.Boolean({
      default: true,
      description:
        'Also read NTLM in SMB 2 and in every SPNEGO token, DCE/RPC in named pipes, and dialects of SMB 2. ' +
        'Arkime, which does without, has fewer values.',
    }),
  }),
  probe: (_direction, bytes, from, to) => probeSmb(bytes, from, to),
  create: (context, options) => new SmbDecoder(context, options.deep === true),
};
