// An X.509 certificate in DER (RFC 5280) that reads like any other, for the `tls` trace. Key and signature are random bytes: a
// sensor that only looks on can check neither.

import type { Random } from './random.ts';

const tag = { integer: 2, bits: 3, octets: 4, none: 5, objectId: 6, utf8: 12, printable: 19, utcTime: 23, sequence: 48, set: 49 };

function element(type: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([type, ...size]), content]);
}

const sequence = (...contents: readonly Buffer[]): Buffer => element(tag.sequence, ...contents);
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Encoded object identifiers. */
const objectIds = {
  commonName: hex('550403'),
  organization: hex('55040a'),
  country: hex('550406'),
  rsaEncryption: hex('2a864886f70d010101'),
  sha256WithRsa: hex('2a864886f70d01010b'),
  alternativeNames: hex('551d11'),
};

const algorithm = (objectId: Buffer): Buffer => sequence(element(tag.objectId, objectId), element(tag.none));

function attribute(objectId: Buffer, type: number, text: string): Buffer {
  return element(tag.set, sequence(element(tag.objectId, objectId), element(type, Buffer.from(text))));
}

export function randomBytes(random: Random, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => random.below(256)));
}

/** A whole number that is positive as it stands. */
function positive(random: Random, bytes: number): Buffer {
  const value = randomBytes(random, bytes);
  value[0] = ((value[0] as number) & 0x7f) | 0x40;
  return element(tag.integer, value);
}

export function certificate(random: Random, name: string): Buffer {
  const issuer = sequence(
    attribute(objectIds.country, tag.printable, 'XX'),
    attribute(objectIds.organization, tag.utf8, 'Example Trust'),
    attribute(objectIds.commonName, tag.utf8, 'Example Issuing CA 1'),
  );
  const validity = sequence(
    element(tag.utcTime, Buffer.from('250101000000Z')),
    element(tag.utcTime, Buffer.from('260101000000Z')),
  );
  const key = sequence(positive(random, 256), element(tag.integer, hex('010001')));
  const keyInfo = sequence(algorithm(objectIds.rsaEncryption), element(tag.bits, hex('00'), key));
  const names = sequence(element(0x82, Buffer.from(name)), element(0x82, Buffer.from(`www.${name}`)));
  const extension = sequence(element(tag.objectId, objectIds.alternativeNames), element(tag.octets, names));
  const body = sequence(
    element(0xa0, element(tag.integer, hex('02'))),
    positive(random, 16),
    algorithm(objectIds.sha256WithRsa),
    issuer,
    validity,
    sequence(attribute(objectIds.commonName, tag.utf8, name)),
    keyInfo,
    element(0xa3, sequence(extension)),
  );
  return sequence(body, algorithm(objectIds.sha256WithRsa), element(tag.bits, hex('00'), randomBytes(random, 256)));
}
