export { noteAuthorization, noteNtlmHeader } from './authorization.ts';
export { BodyDigest, type BodySettings } from './body-digest.ts';
export * from './fields.ts';
export { noteForwardedFor, noteHeader } from './header-notes.ts';
export { noteCookies } from './query.ts';
export { DetailSettings, detailOptions } from './settings.ts';
export { noteHost, notePath, noteTarget } from './target.ts';
