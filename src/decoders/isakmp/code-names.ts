// Names of what key exchanges negotiate: IKEv1 (RFC 2409 appendix A, IANA registry "Internet Key Exchange (IKE)
// Attributes") and IKEv2 (RFC 7296, IANA registry "IKEv2 Parameters"), and of the vendor ids that are seen most. A code
// without a name is written as its number.

export const exchangeTypes = new Map<number, string>([
  [1, 'base'],
  [2, 'identity-protection'],
  [3, 'authentication-only'],
  [4, 'aggressive'],
  [5, 'informational'],
  [6, 'transaction'],
  [32, 'quick-mode'],
  [33, 'new-group-mode'],
  [34, 'ike-sa-init'],
  [35, 'ike-auth'],
  [36, 'create-child-sa'],
  [37, 'informational'],
  [38, 'ike-session-resume'],
  [39, 'gsa-auth'],
  [40, 'gsa-registration'],
  [41, 'gsa-rekey'],
  [43, 'ike-intermediate'],
  [44, 'ike-followup-ke'],
]);

/** IKEv1 attribute 1. */
export const encryptionAlgorithms = new Map<number, string>([
  [1, 'des-cbc'],
  [2, 'idea-cbc'],
  [3, 'blowfish-cbc'],
  [4, 'rc5-r16-b64-cbc'],
  [5, '3des-cbc'],
  [6, 'cast-cbc'],
  [7, 'aes-cbc'],
  [8, 'camellia-cbc'],
]);

/** IKEv1 attribute 2. */
export const hashAlgorithms = new Map<number, string>([
  [1, 'md5'],
  [2, 'sha1'],
  [3, 'tiger'],
  [4, 'sha2-256'],
  [5, 'sha2-384'],
  [6, 'sha2-512'],
]);

/** IKEv1 attribute 3; from 64221 on hybrid authentication, from 65001 on XAUTH (both drafts). */
export const authenticationMethods = new Map<number, string>([
  [1, 'psk'],
  [2, 'dss-sig'],
  [3, 'rsa-sig'],
  [4, 'rsa-enc'],
  [5, 'rsa-rev-enc'],
  [6, 'elgamal-enc'],
  [7, 'elgamal-rev-enc'],
  [8, 'ecdsa-sig'],
  [9, 'ecdsa-256'],
  [10, 'ecdsa-384'],
  [11, 'ecdsa-521'],
  [64221, 'hybrid-init-rsa'],
  [64222, 'hybrid-resp-rsa'],
  [64223, 'hybrid-init-dss'],
  [64224, 'hybrid-resp-dss'],
  [65001, 'xauth-init-psk'],
  [65002, 'xauth-resp-psk'],
  [65003, 'xauth-init-dss'],
  [65004, 'xauth-resp-dss'],
  [65005, 'xauth-init-rsa'],
  [65006, 'xauth-resp-rsa'],
]);

/** IKEv1 attribute 4, and transforms of type 4 of IKEv2: one registry has grown into the other. */
export const groups = new Map<number, string>([
  [1, 'modp768'],
  [2, 'modp1024'],
  [3, 'ec2n-155'],
  [4, 'ec2n-185'],
  [5, 'modp1536'],
  [14, 'modp2048'],
  [15, 'modp3072'],
  [16, 'modp4096'],
  [17, 'modp6144'],
  [18, 'modp8192'],
  [19, 'ecp256'],
  [20, 'ecp384'],
  [21, 'ecp521'],
  [22, 'modp1024-160'],
  [23, 'modp2048-224'],
  [24, 'modp2048-256'],
  [25, 'ecp192'],
  [26, 'ecp224'],
  [27, 'brainpoolp224r1'],
  [28, 'brainpoolp256r1'],
  [29, 'brainpoolp384r1'],
  [30, 'brainpoolp512r1'],
  [31, 'curve25519'],
  [32, 'curve448'],
  [33, 'gost3410-2012-256'],
  [34, 'gost3410-2012-512'],
  [35, 'ml-kem-512'],
  [36, 'ml-kem-768'],
  [37, 'ml-kem-1024'],
]);

/** Transforms of type 1 of IKEv2. */
export const encryptionTransforms = new Map<number, string>([
  [1, 'des-iv64'],
  [2, 'des-cbc'],
  [3, '3des-cbc'],
  [4, 'rc5-cbc'],
  [5, 'idea-cbc'],
  [6, 'cast-cbc'],
  [7, 'blowfish-cbc'],
  [8, '3idea'],
  [9, 'des-iv32'],
  [11, 'null'],
  [12, 'aes-cbc'],
  [13, 'aes-ctr'],
  [14, 'aes-ccm-8'],
  [15, 'aes-ccm-12'],
  [16, 'aes-ccm-16'],
  [18, 'aes-gcm-8'],
  [19, 'aes-gcm-12'],
  [20, 'aes-gcm-16'],
  [21, 'null-auth-aes-gmac'],
  [23, 'camellia-cbc'],
  [24, 'camellia-ctr'],
  [25, 'camellia-ccm-8'],
  [26, 'camellia-ccm-12'],
  [27, 'camellia-ccm-16'],
  [28, 'chacha20-poly1305'],
  [29, 'aes-ccm-8-iiv'],
  [30, 'aes-gcm-16-iiv'],
  [31, 'chacha20-poly1305-iiv'],
]);

/** Transforms of type 2 of IKEv2. */
export const randomFunctions = new Map<number, string>([
  [1, 'prf-hmac-md5'],
  [2, 'prf-hmac-sha1'],
  [3, 'prf-hmac-tiger'],
  [4, 'prf-aes128-xcbc'],
  [5, 'prf-hmac-sha2-256'],
  [6, 'prf-hmac-sha2-384'],
  [7, 'prf-hmac-sha2-512'],
  [8, 'prf-aes128-cmac'],
  [9, 'prf-hmac-streebog-512'],
]);

/**
 * Vendor ids by how they begin; the rest is a version or flags. The one called `ikev2` is the hash of "FRAGMENTATION"; the
 * name is Arkime's.
 */
const vendors: readonly (readonly [start: string, name: string])[] = [
  ['afcad71368a1f1c96b8696fc7757', 'dpd'],
  ['4048b7d56ebce88525e7de7f00d6c2d3', 'ikev2'],
  ['4a131c81070358455c5728f20e95452f', 'nat-t'],
  ['7d9419a65310ca6f2c179d9215529d56', 'nat-t-ike-03'],
  ['90cb80913ebb696e086381b5ec427b1f', 'nat-t-ike-02'],
  ['cd60464335df21f87cfdb2fc68b6a448', 'nat-t-ike-02'],
  ['4485152d18b6bbcd0be8a8469579ddcc', 'nat-t-ike-00'],
  ['09002689dfd6b712', 'xauth'],
  ['12f5f28c457168a9702d9fe274cc', 'cisco-unity'],
  ['882fe56d6fd20dbc2251613b2ebe5beb', 'strongswan'],
];

/** Bytes of a vendor id that are looked at. */
const vendorBytes = 16;

/** Name of a vendor id; of an unknown one its first 16 bytes in hex. */
export function vendorName(bytes: Buffer, from: number, to: number): string {
  const hex = bytes.toString('hex', from, Math.min(to, from + vendorBytes));
  return vendors.find(([start]) => hex.startsWith(start))?.[1] ?? hex;
}
