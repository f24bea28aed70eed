// One TLS handshake as the decoder fills it in and the record reads it. Used again for other handshakes.

import type { Outcome } from '../contract.ts';
import { ClientHello } from './client-hello.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { TlsOptions } from './options.ts';
import { ServerHello } from './server-hello.ts';
import type { ShownCertificate } from './shown-certificate.ts';

const noTexts: readonly string[] = [];

/** What one side showed of its certificates. */
export class CertificateChain {
  /** The sender’s own; undefined when malformed or cut off. */
  leaf: ShownCertificate | undefined = undefined;
  /** Certificates in the message; -1 without one. */
  count = -1;
  /** Base64 of the DER of each, by option. */
  encoded: readonly string[] = noTexts;

  clear(): void {
    this.leaf = undefined;
    this.count = -1;
    this.encoded = noTexts;
  }
}

export class Handshake {
  /** Set for each handshake: what of it is recorded. */
  options: TlsOptions;
  outcome: Outcome = 'unanswered';
  /** Microseconds since 1970: the ClientHello’s first byte, else the first byte of what was seen first. */
  startUs = 0;
  /** Without an offer, or an answer: not seen. */
  readonly client: ClientHello = new ClientHello();
  readonly server: ServerHello = new ServerHello();
  /** undefined when switched off or impossible (SSL 2 form, cut off). */
  ja3: Fingerprint | undefined = undefined;
  ja3s: Fingerprint | undefined = undefined;
  ja4: Fingerprint | undefined = undefined;
  /** Group of the key exchange; -1 unknown or none. */
  group = -1;
  readonly clientChain: CertificateChain = new CertificateChain();
  readonly serverChain: CertificateChain = new CertificateChain();
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

  constructor(options: TlsOptions) {
    this.options = options;
  }

  /** The server answered with a version that hides the rest of the handshake. */
  get isTls13(): boolean {
    return this.server.answer?.isTls13 === true;
  }

  clear(): void {
    this.outcome = 'unanswered';
    this.startUs = 0;
    this.client.clear();
    this.server.clear();
    this.ja3 = undefined;
    this.ja3s = undefined;
    this.ja4 = undefined;
    this.group = -1;
    this.clientChain.clear();
    this.serverChain.clear();
    this.established = false;
    this.resumed = false;
    this.retried = false;
    this.alertLevel = 0;
    this.alertDescription = -1;
    this.alertFromClient = false;
    this.responseUs = -1;
    this.establishedUs = -1;
  }
}
