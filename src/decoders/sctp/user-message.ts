// Whose a user message of SCTP is: told by its payload protocol identifier (IANA "SCTP Payload Protocol Identifiers"), Diameter
// also by port. Called with whole messages, on packet workers.

import type { DecoderContext } from '../contract.ts';
import { headerLength, isHeader, messageLength, readMessage } from '../diameter-messages/index.ts';
import { readM2ua, readM3ua } from '../sigtran/index.ts';

const Payload = { m2ua: 2, m3ua: 3, diameter: 46 } as const;
/** Diameter, and Diameter under TLS or DTLS, whose clear text some send there. */
const diameterPorts = [3868, 5658];

export function readUserMessage(
  context: DecoderContext,
  protocol: number,
  bytes: Buffer,
  from: number,
  to: number,
  timeUs: number,
): void {
  if (protocol === Payload.m2ua) readM2ua(context, bytes, from, to);
  else if (protocol === Payload.m3ua) readM3ua(context, bytes, from, to);
  else if (
    protocol === Payload.diameter ||
    diameterPorts.includes(context.serverPort) ||
    diameterPorts.includes(context.clientPort)
  ) {
    readDiameter(context, bytes, from, to, timeUs);
  }
}

/** One message, or several one after the other. */
function readDiameter(context: DecoderContext, bytes: Buffer, from: number, to: number, timeUs: number): void {
  for (let at = from; to - at >= headerLength && isHeader(bytes, at); ) {
    const end = at + messageLength(bytes, at);
    context.protocol('diameter');
    readMessage(context, bytes, at, Math.min(to, end), end <= to, timeUs);
    at = end;
  }
}
