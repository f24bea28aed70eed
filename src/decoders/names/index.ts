export { type ConfiguredSignature, patternBytes, patternMost, patternRegex, signatureOf } from './configured-signature.ts';
export { NameMatcher } from './name-matcher.ts';
export { regexBytes, type Signature } from './signature.ts';
export { signatures } from './signatures.ts';
