// Diameter messages (RFC 6733 section 3): header and the AVPs that say who speaks of whom. Called by the decoders of what
// carries Diameter (TCP, SCTP), on packet workers. Bounded by the message, no exceptions.

import type { SessionField } from '../../record/index.ts';
import { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import { diameterAnomalies } from './anomalies.ts';
import { diameterFields } from './fields.ts';
import { applicationNames, commandNames } from './names.ts';

export const headerLength = 20;
const version = 1;
const requestFlag = 0x80;
const reservedFlags = 0x0f;
const vendorFlag = 0x80;
const resultCode = 268;

const textAvps: ReadonlyMap<number, SessionField> = new Map([
  [1, diameterFields.user],
  [263, diameterFields.sessionId],
  [264, diameterFields.originHost],
  [283, diameterFields.destinationRealm],
  [293, diameterFields.destinationHost],
  [296, diameterFields.originRealm],
]);

/** Length that the header at `from` says; -1 when none begins there. Needs 4 bytes. */
export function messageLength(bytes: Buffer, from: number): number {
  if (bytes[from] !== version) return -1;
  const length = bytes.readUIntBE(from + 1, 3);
  return length < headerLength ? -1 : length;
}

/** Could a message begin at `from`? Needs 8 bytes: reserved flags are clear, and there is a command. */
export function isHeader(bytes: Buffer, from: number): boolean {
  const isKnown = ((bytes[from + 4] as number) & reservedFlags) === 0 && bytes.readUIntBE(from + 5, 3) !== 0;
  return isKnown && messageLength(bytes, from) > 0;
}

/** Notes what the message `[from, to)` says. `isWhole`: nothing of it is missing at the end. */
export function readMessage(
  context: DecoderContext,
  bytes: Buffer,
  from: number,
  to: number,
  isWhole: boolean,
  timeUs: number,
): void {
  if (to - from < headerLength) return;
  const command = bytes.readUIntBE(from + 5, 3);
  const application = bytes.readUInt32BE(from + 8);
  const kind = ((bytes[from + 4] as number) & requestFlag) !== 0 ? 'Request' : 'Answer';
  const commandName = commandNames.get(command);
  context.note(diameterFields.command, `${commandName === undefined ? kind : `${commandName}-${kind}`} (${command})`);
  const applicationName = applicationNames.get(application);
  context.note(
    diameterFields.application,
    applicationName === undefined ? `${application}` : `${applicationName} (${application})`,
  );
  const cursor = new ByteCursor(bytes, from + headerLength, to);
  while (cursor.left >= 8) {
    if (readAvp(context, cursor)) continue;
    if (isWhole) context.anomaly(diameterAnomalies.bad_avp, timeUs);
    return;
  }
}

/** Reads an AVP (RFC 6733 section 4.1). @returns false when it does not fit */
function readAvp(context: DecoderContext, cursor: ByteCursor): boolean {
  const code = cursor.u32();
  const flags = cursor.u8();
  const length = cursor.u24();
  const isVendors = (flags & vendorFlag) !== 0;
  const vendor = isVendors ? cursor.u32() : 0;
  const size = length - (isVendors ? 12 : 8);
  const from = cursor.take(size);
  if (from < 0) return false;
  // The last AVP of a message may lack its padding.
  cursor.skip(Math.min(cursor.left, -length & 3));
  if (vendor !== 0) return true;
  const field = textAvps.get(code);
  if (field !== undefined && size > 0) context.note(field, textOf(cursor.bytes, from, from + size));
  else if (code === resultCode && size === 4) context.note(diameterFields.resultCode, cursor.bytes.readUInt32BE(from));
  return true;
}
