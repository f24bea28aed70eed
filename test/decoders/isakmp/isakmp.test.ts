import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isakmpDecoder } from '../../../src/decoders/isakmp/index.ts';
import { assertDatagrams, stepsOf } from '../datagram-cases.ts';
import { play } from '../decoder-kit.ts';
import { serverCertificate } from '../tls/test-certificates.ts';

const word = (value: number): string => value.toString(16).padStart(4, '0');
const long = (value: number): string => value.toString(16).padStart(8, '0');
const size = (hex: string): number => hex.replace(/\s/g, '').length / 2;

/** A message: payloads in hex without their generic headers, by type. */
function message(
  cookies: string,
  version: string,
  exchange: string,
  flags: string,
  payloads: readonly (readonly [number, string])[],
): string {
  const body = payloads
    .map(([, content], index) => `${word(payloads[index + 1]?.[0] ?? 0).slice(2)} 00 ${word(size(content) + 4)} ${content}`)
    .join('');
  const first = word(payloads[0]?.[0] ?? 0).slice(2);
  return `${cookies} ${first} ${version} ${exchange} ${flags} 00000000 ${long(28 + size(body))} ${body}`;
}

const initiator = '0102030405060708';
const responder = '1112131415161718';
const none = '00'.repeat(8);
/** Version 1: one proposal with one transform of attributes. */
const attributes = '8001 0007 8002 0004 8003 fde9 8004 000e 000c 0004 00007080';
const transform = `00 00 ${word(8 + size(attributes))} 01 01 0000 ${attributes}`;
const association = `00000001 00000001 00 00 ${word(8 + size(transform))} 01 01 00 01 ${transform}`;
/** Version 2: two proposals, the second with an SPI. */
const transforms = '03 00 0008 01 00 0014 03 00 0008 02 00 0005 03 00 0008 03 00 000c 00 00 0008 04 00 001f';
const association2 = `02 00 ${word(8 + size(transforms))} 01 01 00 04 ${transforms} 00 00 0014 02 03 04 01 aabbccdd 00 00 0008 04 00 03e8`;

test('ISAKMP says who negotiates what', () => {
  assertDatagrams(isakmpDecoder, [
    {
      what: 'main mode: proposals, vendor ids, then encrypted',
      datagrams: [
        message(initiator + none, '10', '02', '00', [
          [1, association],
          [13, 'afcad71368a1f1c96b8696fc77570100'],
          [13, '00112233445566778899aabbccddeeff0011'],
        ]),
        `< ${message(initiator + responder, '10', '02', '01', [[13, 'ffff']])}`,
      ],
      notes: {
        'isakmp.initiator_spi': [initiator],
        'isakmp.version': ['1.0'],
        'isakmp.exchange_type': ['identity-protection'],
        'isakmp.encryption': ['aes-cbc'],
        'isakmp.hash': ['sha2-256'],
        'isakmp.auth_method': ['xauth-init-psk'],
        'isakmp.dh_group': ['modp2048'],
        'isakmp.vendor_id': ['dpd', '00112233445566778899aabbccddeeff'],
        'isakmp.responder_spi': [responder],
      },
    },
    {
      what: 'version 2 behind the non-ESP marker',
      datagrams: [
        `00000000 ${message(initiator + none, '20', '22', '08', [
          [33, association2],
          [43, '4048b7d56ebce88525e7de7f00d6c2d380000000'],
        ])}`,
      ],
      notes: {
        'isakmp.initiator_spi': [initiator],
        'isakmp.version': ['2.0'],
        'isakmp.exchange_type': ['ike-sa-init'],
        'isakmp.encryption': ['aes-gcm-16'],
        'isakmp.hash': ['prf-hmac-sha2-256'],
        'isakmp.dh_group': ['curve25519', '1000'],
        'isakmp.vendor_id': ['ikev2'],
      },
    },
    {
      what: 'a payload longer than its message, and padding behind one',
      datagrams: [
        `${message(initiator + none, '10', '04', '00', [])
          .replace(/ 00 10/, ' 0d 10')
          .replace('0000001c', '00000020')} 00 00 00ff 00`,
      ],
      notes: { 'isakmp.initiator_spi': [initiator], 'isakmp.version': ['1.0'], 'isakmp.exchange_type': ['aggressive'] },
    },
    { what: 'no such exchange', datagrams: [message(initiator + none, '10', 'f0', '00', [])], notes: {}, recognised: false },
    { what: 'ESP in UDP', datagrams: [`deadbeef 00000001 ${'aa'.repeat(40)}`], notes: {}, recognised: false },
  ]);
});

test('certificates of both versions', () => {
  const der = Buffer.from(serverCertificate.replace(/-----.*-----|\s/g, ''), 'base64').toString('hex');
  for (const [version, exchange, type] of [
    ['10', '02', 6],
    ['20', '23', 37],
  ] as const) {
    const script = stepsOf([
      message(initiator + responder, version, exchange, '00', [
        [type, `04${der}`],
        [type, '0400'],
        [type, `0c${der}`],
      ]),
    ]);
    const heard = play(isakmpDecoder, script, { transport: 'udp' });
    const [certificate, ...others] = heard.notes.get('arkime.cert') as unknown as Record<string, unknown>[];
    assert.deepEqual(certificate?.issuerCN, ['server.ringtap.test']);
    assert.equal(others.length, 0);
    assert.deepEqual(heard.notes.get('tags'), ['cert:self-signed']);
  }
});
