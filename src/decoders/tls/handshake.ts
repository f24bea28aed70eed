// One TLS handshake as the decoder fills it in and the record reads it.

import type { Outcome } from '../contract.ts';
import type { ClientHello } from './client-hello.ts';
import type { ServerHello } from './server-hello.ts';
import type { Certificate } from './x509/certificate.ts';

/** What one side showed of its certificates. */
export class CertificateChain {
  /** The sender’s own; undefined when malformed or cut off. */
  leaf: Certificate | undefined = undefined;
  /** Certificates in the message. */
  count = 0;
  /** Base64 of the DER of each, by option. */
  encoded: string[] = [];
}

export class Handshake {
  outcome: Outcome = 'unanswered';
  /** Microseconds since 1970: the ClientHello’s first byte, else the first byte of what was seen first. */
  startUs = 0;
  client: ClientHello | undefined = undefined;
  server: ServerHello | undefined = undefined;
  /** '' when switched off or impossible (SSL 2 form, cut off). */
  ja3 = '';
  ja3Text = '';
  ja3s = '';
  ja3sText = '';
  ja4 = '';
  ja4Raw = '';
  /** Group of the key exchange; -1 unknown or none. */
  group = -1;
  clientChain: CertificateChain | undefined = undefined;
  serverChain: CertificateChain | undefined = undefined;
  /** Keys are in use both ways. */
  established = false;
  resumed = false;
  /** A HelloRetryRequest came. */
  retried = false;
  alertLevel = 0;
  /** -1 none. */
  alertDescription = -1;
  alertFromClient = false;
  /** Microseconds from `startUs` to the ServerHello’s last byte and to `established`; -1 not seen. */
  responseUs = -1;
  establishedUs = -1;
}
