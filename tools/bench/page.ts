// docs/benchmarks.md in sections, one a tool, so that one tool's figures can be made anew and the others' stay:
//
//   <!-- bench:peers -->
//   ## …
//   <!-- /bench:peers -->

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../step.ts';

export const sections = ['peers', 'scale', 'live', 'micro'] as const;
export type SectionName = (typeof sections)[number];

const title = `# Benchmarks

Every section is made by a command that stands in it, on the machine that it names. Machines that do other work are noisy: compare
within a section, and trust ratios of runs that took turns more than seconds. To repeat it:

    npm run bench:peers -- --runs 5 http dns tls small  # beside other sensors; or any pcap file, with what its .truth.json expects
    npm run bench:scale -- small elephant               # 1 to n packet workers, pinned and not
    sudo npm run bench:live -- http small               # the highest rate without a loss, on a wire of its own
    npm run bench                                       # the parts by themselves
    npm run bench -- --all --runs 5 http dns tls small  # all of it, and this page
    npm run bench:allocation                            # no timing: bytes allocated a packet and transaction; CI fails when they grow

Programs that are not installed are left out. On Debian: \`apt-get install suricata tshark tcpdump libndpi-bin argus-server nfdump
tcpreplay time\`. \`--page\` puts the figures of one tool here; \`--also 'before=COMMAND with {trace} and {folder}'\` sets another build beside this one.
`;

const opening = (name: string): string => `<!-- bench:${name} -->`;
const closing = (name: string): string => `<!-- /bench:${name} -->`;

/** The page with one section put in place of what it had there. */
export function withSection(page: string, name: SectionName, text: string): string {
  const bodies = new Map<string, string>();
  for (const each of sections) {
    const from = page.indexOf(opening(each));
    const to = page.indexOf(closing(each));
    if (from >= 0 && to > from) bodies.set(each, page.slice(from + opening(each).length, to).trim());
  }
  bodies.set(name, text.trim());
  const parts = sections
    .filter((each) => bodies.has(each))
    .map((each) => `${opening(each)}\n${bodies.get(each)}\n${closing(each)}\n`);
  return [title, ...parts].join('\n');
}

export function writeSection(name: SectionName, text: string): void {
  const path = join(root, 'docs', 'benchmarks.md');
  writeFileSync(path, withSection(existsSync(path) ? readFileSync(path, 'utf8') : '', name, text));
  process.stderr.write(`written to docs/benchmarks.md: ${name}\n`);
}
