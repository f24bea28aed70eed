// The envelope of an LDAP message (RFC 4511 section 4.1.1): a sequence of a message id and an operation. Called by the
// decoder and by recognition, on packet workers; allocates nothing.

import { contentBytes, headerBytes, Tag } from '../ber-cursor.ts';
import { Verdict } from '../contract.ts';

/** A message id is at most 2^31 - 1. */
const maxIdBytes = 4;

/** Operations (RFC 4511 section 4.2 to 4.14): constructed ones, and unbind, delete and abandon, which are not. */
export const Operation = { bindRequest: 0x60, bindResponse: 0x61, extendedRequest: 0x77, extendedResponse: 0x78 } as const;
const plainOperations: readonly number[] = [0x42, 0x4a, 0x50];
const lastOperation = 0x79;

/** Where the operation of the message at `at` begins; 0 when too little is there, -1 when it is no message. */
export function operationStart(bytes: Buffer, at: number, to: number): number {
  if (bytes[at] !== Tag.sequence) return -1;
  const header = headerBytes(bytes, at, to);
  if (header <= 0) return header;
  const id = at + header;
  if (to - id < 2) return 0;
  const idBytes = bytes[id + 1] as number;
  if (bytes[id] !== Tag.integer || idBytes === 0 || idBytes > maxIdBytes) return -1;
  return id + 2 + idBytes;
}

export function probeLdap(bytes: Buffer, from: number, to: number): Verdict {
  const start = operationStart(bytes, from, to);
  if (start < 0) return Verdict.no;
  if (start === 0 || start >= to) return Verdict.needMore;
  const operation = bytes[start] as number;
  if (!(operation >= Operation.bindRequest && operation <= lastOperation) && !plainOperations.includes(operation)) {
    return Verdict.no;
  }
  const header = headerBytes(bytes, start, to);
  if (header <= 0) return header === 0 ? Verdict.needMore : Verdict.no;
  // The operation, and controls behind it, fill the message.
  const messageEnd = from + headerBytes(bytes, from, to) + contentBytes(bytes, from, headerBytes(bytes, from, to));
  const operationEnd = start + header + contentBytes(bytes, start, header);
  return operationEnd <= messageEnd ? Verdict.certain : Verdict.no;
}
