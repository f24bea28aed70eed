// `[decoder.dns]`: the schema, and the checked table as a typed object.

import { Type } from 'typebox';

export const dnsOptions = Type.Object({
  timeout_secs: Type.Integer({
    minimum: 1,
    maximum: 3600,
    default: 10,
    description: 'A query without a response for so long counts as unanswered. Checked whenever its session has data.',
  }),
  max_pending: Type.Integer({
    minimum: 1,
    maximum: 65536,
    default: 256,
    description: 'Open queries in a session; one more, and the oldest counts as unanswered.',
  }),
  max_records: Type.Integer({
    minimum: 0,
    maximum: 256,
    default: 64,
    description: 'Records of each section that a dns record shows.',
  }),
  max_data_chars: Type.Integer({
    minimum: 64,
    maximum: 16384,
    default: 1024,
    description: 'Characters shown of the data of one record; cut data ends with `...`.',
  }),
  authorities: Type.Boolean({ default: false, description: 'Show the authority section (dns.authorities).' }),
  additionals: Type.Boolean({ default: false, description: 'Show the additional section (dns.additionals).' }),
  all_sections: Type.Boolean({
    default: false,
    description:
      "Arkime's document: read authorities and additionals too, and tell name servers and mail servers from other hosts (its parseDNSRecordAll).",
  }),
  answer_objects: Type.Boolean({
    default: true,
    description: "Arkime's document: show every record of a response (its dnsOutputAnswers).",
  }),
});

export interface DnsOptions {
  readonly timeout_secs: number;
  readonly max_pending: number;
  readonly max_records: number;
  readonly max_data_chars: number;
  readonly authorities: boolean;
  readonly additionals: boolean;
  readonly all_sections: boolean;
  readonly answer_objects: boolean;
}
