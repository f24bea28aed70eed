// Certificates for servers under test, made by openssl.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Why there are none, or false. */
export const lackOfOpenssl = ((): string | false => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return false;
  } catch {
    return 'openssl is not installed, so there are no certificates to try';
  }
})();

/** An authority (ca.pem), and a certificate for 127.0.0.1 that it signed (chain.pem, with the authority's) with its key (node.key). */
export function certificates(folder: string): { readonly ca: string; readonly cert: string; readonly key: string } {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const fresh = ['-newkey', 'rsa:2048', '-nodes'];
  openssl('req', '-x509', ...fresh, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test CA');
  openssl('req', ...fresh, '-keyout', 'node.key', '-out', 'node.csr', '-subj', '/CN=node');
  writeFileSync(join(folder, 'extensions'), 'subjectAltName=IP:127.0.0.1');
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
  openssl('x509', '-req', '-in', 'node.csr', ...signer, '-extfile', 'extensions', '-out', 'node.pem');
  const cert = text('node.pem') + text('ca.pem');
  writeFileSync(join(folder, 'chain.pem'), cert);
  return { ca: text('ca.pem'), cert, key: text('node.key') };
}
