// Whom to believe on https: certificates of an authority, or the fingerprint of one. A fingerprint is turned into a certificate by
// asking a node for its chain; from then on the library checks signatures as ever, with that certificate as authority.

import { connect, type DetailedPeerCertificate } from 'node:tls';
import { errorCodes, SensorError } from '../../src/errors.ts';
import { fileText, type Options } from './options.ts';

export interface Trust {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
  /** Where a fingerprint says who the node is, its name need not. */
  readonly checkServerIdentity?: () => undefined;
}

const chainMost = 16;

/** Reads the files now; the result may ask a node, and rejects with `RT_OUTPUT` when no node has that certificate. */
export function trustOf(options: Options, directory: string): () => Promise<Trust> {
  const ca = fileText(directory, options.ca);
  const cert = fileText(directory, options.certificate);
  const key = fileText(directory, options.key);
  const client = cert === '' ? {} : { cert, key };
  const own = { ...client, rejectUnauthorized: options.verify };
  if (options.fingerprint === '') return async () => (ca === '' ? own : { ...own, ca });
  const fingerprint = options.fingerprint.replaceAll(':', '').toUpperCase();
  return async () => {
    const pinned = await pinnedCertificate(options.nodes, fingerprint, client, options.request_timeout_secs * 1000);
    return { ...client, ca: pinned, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  };
}

/** The certificate with this fingerprint, as PEM, from the first node that sends it. */
async function pinnedCertificate(
  nodes: readonly string[],
  fingerprint: string,
  client: { readonly cert?: string; readonly key?: string },
  timeoutMs: number,
): Promise<string> {
  let reason = '';
  for (const node of nodes) {
    try {
      const chain = await chainOf(new URL(node), client, timeoutMs);
      const found = chain.find((certificate) => certificate.fingerprint256.replaceAll(':', '') === fingerprint);
      if (found !== undefined) return pem(found.raw);
      const sent = chain.map((certificate) => certificate.fingerprint256).join(', ');
      reason = `${node} has no certificate with that fingerprint, but ${sent}`;
    } catch (error) {
      reason ||= `${node}: ${(error as Error).message}`;
    }
  }
  throw new SensorError(errorCodes.output, reason);
}

/** What a node presents, its own certificate first. Nothing is believed yet. */
function chainOf(
  node: URL,
  client: { readonly cert?: string; readonly key?: string },
  timeoutMs: number,
): Promise<DetailedPeerCertificate[]> {
  return new Promise((resolve, reject) => {
    const host = node.hostname.replace(/^\[|\]$/g, '');
    const socket = connect({ ...client, host, port: Number(node.port || 443), rejectUnauthorized: false }, () => {
      const chain: DetailedPeerCertificate[] = [];
      let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
      while (certificate?.raw !== undefined && chain.length < chainMost) {
        chain.push(certificate);
        // A root is its own issuer.
        const issuer: DetailedPeerCertificate = certificate.issuerCertificate;
        certificate = issuer === certificate ? undefined : issuer;
      }
      socket.destroy();
      resolve(chain);
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer in time')));
    socket.on('error', reject);
  });
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
