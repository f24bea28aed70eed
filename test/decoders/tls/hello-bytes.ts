// Makes hellos and records byte by byte, for what node:tls would never send.

export function u16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 255);
}

function u24(value: number): Buffer {
  return Buffer.of(value >> 16, (value >> 8) & 255, value & 255);
}

/** `bytes` behind its length in two bytes. */
export function vector16(bytes: Buffer): Buffer {
  return Buffer.concat([u16(bytes.length), bytes]);
}

export function vector8(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

export function list16(values: readonly number[]): Buffer {
  return Buffer.concat(values.map(u16));
}

export function record(type: number, content: Buffer, version = 0x0303): Buffer {
  return Buffer.concat([Buffer.of(type), u16(version), vector16(content)]);
}

export function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(type), u24(body.length), body]);
}

export function extension(type: number, body: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([u16(type), vector16(body)]);
}

export const serverName = (name: string): Buffer =>
  extension(0, vector16(Buffer.concat([Buffer.of(0), vector16(Buffer.from(name))])));
export const alpn = (...names: Buffer[]): Buffer => extension(16, vector16(Buffer.concat(names.map(vector8))));
export const supportedVersions = (...versions: number[]): Buffer => extension(43, vector8(list16(versions)));
export const groups = (...values: number[]): Buffer => extension(10, vector16(list16(values)));
export const signatures = (...values: number[]): Buffer => extension(13, vector16(list16(values)));

export interface HelloParts {
  readonly version?: number;
  readonly random?: Buffer;
  readonly sessionId?: Buffer;
  readonly ciphers?: readonly number[];
  /** undefined: no extensions field at all. */
  readonly extensions?: readonly Buffer[] | undefined;
}

/** Body of a ClientHello. */
export function clientHello(parts: HelloParts): Buffer {
  return Buffer.concat([
    u16(parts.version ?? 0x0303),
    parts.random ?? Buffer.alloc(32, 0x11),
    vector8(parts.sessionId ?? Buffer.alloc(0)),
    vector16(list16(parts.ciphers ?? [0x1301])),
    Buffer.of(1, 0),
    ...(parts.extensions === undefined ? [] : [vector16(Buffer.concat(parts.extensions))]),
  ]);
}

/** Body of a ServerHello with its one cipher. */
export function serverHello(parts: HelloParts): Buffer {
  return Buffer.concat([
    u16(parts.version ?? 0x0303),
    parts.random ?? Buffer.alloc(32, 0x22),
    vector8(parts.sessionId ?? Buffer.alloc(0)),
    u16(parts.ciphers?.[0] ?? 0x1301),
    Buffer.of(0),
    ...(parts.extensions === undefined ? [] : [vector16(Buffer.concat(parts.extensions))]),
  ]);
}

export const retryRandom = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/** A ClientHello record as Chrome 112 sent it (values of the JA4 example t13d1516h2_8daaf6152771_e5627efa2ab1). */
export function chromeHello(name: string): Buffer {
  return clientHello({
    sessionId: Buffer.alloc(32, 0x33),
    ciphers: [
      0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f,
      0x0035,
    ],
    extensions: [
      extension(0x2a2a),
      extension(0xff01, Buffer.of(0)),
      extension(51, vector16(Buffer.concat([u16(0x7a7a), vector16(Buffer.of(0)), u16(29), vector16(Buffer.alloc(32, 9))]))),
      extension(45, Buffer.of(1, 1)),
      extension(5, Buffer.of(1, 0, 0, 0, 0)),
      extension(0x4469, Buffer.of(0, 3, 2, 0x68, 0x32)),
      signatures(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601),
      alpn(Buffer.from('h2'), Buffer.from('http/1.1')),
      extension(35),
      extension(27, Buffer.of(2, 0, 2)),
      supportedVersions(0x8a8a, 0x0304, 0x0303),
      serverName(name),
      extension(18),
      groups(0x7a7a, 29, 23, 24),
      extension(23),
      extension(11, Buffer.of(1, 0)),
      extension(0x9a9a, Buffer.of(0)),
      extension(21, Buffer.alloc(100)),
    ],
  });
}
