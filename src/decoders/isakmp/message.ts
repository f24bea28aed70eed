// An ISAKMP message (RFC 2408 section 3, RFC 7296 section 3): header, and the chain of payloads as long as it is in clear.
// Read on a packet worker when its datagram comes; nothing is kept. Never throws; every walk is bounded by its lengths.

import { readU16, readU32 } from '../big-endian.ts';
import type { DecoderContext } from '../contract.ts';
import { noteCertificate } from '../x509/certificate-note.ts';
import {
  authenticationMethods,
  encryptionAlgorithms,
  encryptionTransforms,
  exchangeTypes,
  groups,
  hashAlgorithms,
  randomFunctions,
  vendorName,
} from './code-names.ts';
import { isakmpFields } from './fields.ts';

export const headerBytes = 28;
const payloadHeaderBytes = 4;
const proposalHeaderBytes = 8;
const transformHeaderBytes = 8;
/** Encrypted, version 1. */
const encryptedFlag = 1;

/** Payloads that are read: those of version 1, and from 33 on those of version 2. */
const Payload = {
  securityAssociation: 1,
  certificate: 6,
  vendorId: 13,
  securityAssociation2: 33,
  certificate2: 37,
  vendorId2: 43,
};

/** True when `[from, to)` is a message with a sound header: known version and exchange, a length that fits. */
export function isMessage(bytes: Buffer, from: number, to: number): boolean {
  if (to - from < headerBytes) return false;
  const version = (bytes[from + 17] as number) >> 4;
  if (version !== 1 && version !== 2) return false;
  if (!exchangeTypes.has(bytes[from + 18] as number)) return false;
  if (readU32(bytes, from) === 0 && readU32(bytes, from + 4) === 0) return false;
  const length = readU32(bytes, from + 24);
  return length >= headerBytes && length <= to - from;
}

/** Notes what the message `[from, to)` says, which `isMessage` has found sound. */
export function readMessage(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  context.note(isakmpFields.initiatorSpi, bytes.toString('hex', from, from + 8));
  if (readU32(bytes, from + 8) !== 0 || readU32(bytes, from + 12) !== 0) {
    context.note(isakmpFields.responderSpi, bytes.toString('hex', from + 8, from + 16));
  }
  const version = bytes[from + 17] as number;
  context.note(isakmpFields.version, `${version >> 4}.${version & 15}`);
  context.note(isakmpFields.exchangeType, exchangeTypes.get(bytes[from + 18] as number) as string);
  const isFirstVersion = version >> 4 === 1;
  if (isFirstVersion && ((bytes[from + 19] as number) & encryptedFlag) !== 0) return;
  const end = from + Math.min(to - from, readU32(bytes, from + 24));
  readPayloads(context, bytes, from + headerBytes, end, bytes[from + 16] as number);
}

function readPayloads(context: DecoderContext, bytes: Buffer, from: number, to: number, first: number): void {
  let type = first;
  let certificates = 0;
  for (let at = from; type !== 0 && to - at >= payloadHeaderBytes; ) {
    const length = readU16(bytes, at + 2);
    if (length < payloadHeaderBytes || length > to - at) return;
    const body = at + payloadHeaderBytes;
    const end = at + length;
    switch (type) {
      case Payload.securityAssociation:
        // Domain of interpretation and situation stand before the proposals.
        readProposals(context, bytes, body + 8, end, true);
        break;
      case Payload.securityAssociation2:
        readProposals(context, bytes, body, end, false);
        break;
      case Payload.certificate:
      case Payload.certificate2:
        readCertificate(context, bytes, body, end, certificates++ === 0);
        break;
      case Payload.vendorId:
      case Payload.vendorId2:
        if (end > body) context.note(isakmpFields.vendorId, vendorName(bytes, body, end));
        break;
    }
    type = bytes[at] as number;
    at = end;
  }
}

/** Encodings with an X.509 certificate: for signatures (4) and for keys (5). */
function readCertificate(context: DecoderContext, bytes: Buffer, from: number, to: number, isFirst: boolean): void {
  const encoding = bytes[from];
  if (context.details && to > from && (encoding === 4 || encoding === 5)) noteCertificate(context, bytes, from + 1, to, isFirst);
}

/** RFC 2408 section 3.5, RFC 7296 section 3.3.1: number, protocol, size of an SPI, number of transforms, the SPI. */
function readProposals(context: DecoderContext, bytes: Buffer, from: number, to: number, isFirstVersion: boolean): void {
  for (let at = from; to - at >= proposalHeaderBytes; ) {
    const length = readU16(bytes, at + 2);
    if (length < proposalHeaderBytes || length > to - at) return;
    const transforms = at + proposalHeaderBytes + (bytes[at + 6] as number);
    readTransforms(context, bytes, transforms, at + length, isFirstVersion);
    if (bytes[at] === 0) return;
    at += length;
  }
}

function readTransforms(context: DecoderContext, bytes: Buffer, from: number, to: number, isFirstVersion: boolean): void {
  for (let at = from; to - at >= transformHeaderBytes; ) {
    const length = readU16(bytes, at + 2);
    if (length < transformHeaderBytes || length > to - at) return;
    if (isFirstVersion) readAttributes(context, bytes, at + transformHeaderBytes, at + length);
    else noteTransform(context, bytes[at + 4] as number, readU16(bytes, at + 6));
    if (bytes[at] === 0) return;
    at += length;
  }
}

/** RFC 2408 section 3.3: a type, and a value of two bytes when its top bit is set, else the length of one. */
function readAttributes(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  for (let at = from; to - at >= 4; ) {
    const type = readU16(bytes, at);
    const value = readU16(bytes, at + 2);
    at += 4;
    if (type < 0x8000) {
      at += value;
      continue;
    }
    switch (type & 0x7fff) {
      case 1:
        context.note(isakmpFields.encryption, nameOf(encryptionAlgorithms, value));
        break;
      case 2:
        context.note(isakmpFields.hash, nameOf(hashAlgorithms, value));
        break;
      case 3:
        context.note(isakmpFields.authMethod, nameOf(authenticationMethods, value));
        break;
      case 4:
        context.note(isakmpFields.dhGroup, nameOf(groups, value));
        break;
    }
  }
}

/** RFC 7296 section 3.3.2. */
function noteTransform(context: DecoderContext, type: number, id: number): void {
  if (type === 1) context.note(isakmpFields.encryption, nameOf(encryptionTransforms, id));
  else if (type === 2) context.note(isakmpFields.hash, nameOf(randomFunctions, id));
  else if (type === 4 && id !== 0) context.note(isakmpFields.dhGroup, nameOf(groups, id));
}

function nameOf(names: ReadonlyMap<number, string>, code: number): string {
  return names.get(code) ?? String(code);
}
