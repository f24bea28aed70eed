//! Records as JSON: facts of a session, whose words are those of the session table, and values that decoders have found. Which, under
//! which names, a plan says (`tools/fact-layout.ts`), made in TypeScript where record types are declared.
//!
//! Runs on the packet worker's thread, during a call.

pub mod community_id;
mod dates;
mod digits;
mod notes;
#[cfg(test)]
mod notes_tests;
mod plan;
#[cfg(test)]
mod tests;
mod text;
mod values;

use crate::generated::layout::{fact, probing, side, side_byte, slot, state};
use crate::protocol::{SCTP, TCP, UDP};
use crate::session_table::{Session, Sessions};

use community_id::Ends;
use dates::Dates;
use notes::NoteWriter;
pub use notes::{NoteArena, NotePath};
use plan::{DEPTH_MOST, Step};
pub use plan::{Plan, PlanError};
use text::Out;
pub use values::Values;

/// What is to be written.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Number of the session.
    pub session: u32,
    /// Time of the record, microseconds since 1970.
    pub time_us: f64,
    /// Why the record is written: index of the texts given at the start.
    pub reason: usize,
    /// Stream bytes that were never seen, by direction.
    pub gap_bytes: [u32; 2],
    /// What decoders have found for the record.
    pub values: Values<'a>,
    /// First chunk of what is noted of the session; 0 none.
    pub notes: u32,
    /// Values of any length end here or before, as an offset of the memory that is written to.
    pub limit: usize,
}

/// Why a record is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// It does not fit, or what is asked for is not there.
    Room,
    /// The plan has to be told how it has this noted field.
    UnknownNote(u16),
}

/// JSON of a list of protocols.
struct ProtocolList {
    first: Box<[u8]>,
    all: Box<[u8]>,
}

/// Writes facts of the sessions of one packet worker.
pub struct FactWriter {
    sessions: Sessions,
    seed: u16,
    reasons: Vec<Box<[u8]>>,
    protocols: Vec<ProtocolList>,
    plans: Vec<Plan>,
    dates: Dates,
    arena: NoteArena,
    notes: NoteWriter,
}

impl FactWriter {
    /// `seed`: of community ids; `reasons`: what `fact.reason` says, by index.
    pub fn new(sessions: Sessions, seed: u16, reasons: &[String]) -> FactWriter {
        FactWriter {
            sessions,
            seed,
            reasons: reasons.iter().map(|text| text::quoted(text)).collect(),
            protocols: Vec::new(),
            plans: Vec::new(),
            dates: Dates::default(),
            arena: NoteArena::default(),
            notes: NoteWriter::default(),
        }
    }

    /// Keeps a plan; its number.
    pub fn add_plan(&mut self, plan: Plan) -> usize {
        self.plans.push(plan);
        self.plans.len() - 1
    }

    /// The next list of protocols, as `slot.probing` counts them.
    pub fn add_protocols(&mut self, names: &[String]) {
        let texts: Vec<_> = names.iter().map(|name| text::quoted(name)).collect();
        let all = [b"[".as_slice(), &texts.join(&b','), b"]"].concat();
        self.protocols.push(ProtocolList {
            first: texts.first().cloned().unwrap_or_default(),
            all: if texts.is_empty() {
                Box::default()
            } else {
                all.into()
            },
        });
    }

    /// The memory of what is noted of the sessions.
    pub fn arena(&mut self) -> &mut NoteArena {
        &mut self.arena
    }

    /// How the document of a plan has the noted field with this number; none: not at all. False: there is no such plan.
    pub fn tell_note(&mut self, plan: usize, field: u16, told: Option<NotePath>) -> bool {
        let plan = self.plans.get_mut(plan);
        plan.map(|plan| plan.notes.tell(field, told)).is_some()
    }

    /// Most bytes of what a plan says, but for values of any length; none: there is no such plan.
    pub fn most(&self, plan: usize) -> Option<usize> {
        self.plans.get(plan).map(|plan| plan.most)
    }

    /// Writes what a plan says from `at` on; its end.
    pub fn write(
        &mut self,
        plan: usize,
        ask: &Ask,
        memory: &mut [u8],
        at: usize,
    ) -> Result<usize, Unwritten> {
        let FactWriter {
            sessions,
            seed,
            reasons,
            protocols,
            plans,
            dates,
            arena,
            notes,
        } = self;
        let plan = plans.get_mut(plan).ok_or(Unwritten::Room)?;
        if plan.has_notes && ask.notes != 0 {
            // They are written last, and may not have been looked at for long.
            arena.want(ask.notes);
        }
        let end = at.max(ask.limit) + plan.most;
        let end = end.min(memory.len());
        if at + plan.most > end {
            return Err(Unwritten::Room);
        }
        let mut out = Out::new(memory.get_mut(..end).ok_or(Unwritten::Room)?, at);
        let teller = plan.has_facts.then(|| {
            let session = sessions.at(ask.session);
            let head = session.word(slot::PROTOCOL) as u32;
            Teller {
                session,
                version: head >> 8 & 0xff,
                protocol: head >> 16 & 0xff,
                ask,
                seed: *seed,
                reasons,
                protocols,
            }
        });
        let mut values = ask.values;
        let mut open = [0; DEPTH_MOST];
        let mut depth = 0;
        for step in &plan.steps {
            match step {
                Step::Text(text) => out.put(text),
                Step::Time => dates.put(&mut out, ask.time_us),
                Step::Open(name) => {
                    out.put_name(name);
                    open[depth] = out.at();
                    depth += 1;
                }
                Step::Close(name) => {
                    depth -= 1;
                    // The comma of its first member becomes the brace.
                    if out.at() == open[depth] {
                        out.back_to(open[depth] - name.len());
                    } else {
                        out.replace(open[depth], b'{');
                        out.put(b"}");
                    }
                }
                Step::Fact { fact, which, name } => {
                    let before = out.at();
                    out.put_name(name);
                    let told = teller
                        .as_ref()
                        .and_then(|teller| teller.value(*fact, *which, &mut out, dates));
                    if !told.ok_or(Unwritten::Room)? {
                        out.back_to(before);
                    }
                }
                Step::Value { index, name } => {
                    let Some(value) = values.take(*index) else {
                        continue;
                    };
                    let before = out.at();
                    out.put_name(name);
                    let put = value.put(&mut out, dates, ask.limit);
                    if !put.ok_or(Unwritten::Room)? {
                        out.back_to(before);
                    }
                }
                Step::Notes => {
                    notes.write(arena, ask.notes, &mut plan.notes, &mut out, ask.limit)?;
                }
            }
        }
        Ok(out.at())
    }
}

/// Tells of one session.
struct Teller<'a> {
    session: Session,
    /// Of IP; 0 for layer 2.
    version: u32,
    protocol: u32,
    ask: &'a Ask<'a>,
    seed: u16,
    reasons: &'a [Box<[u8]>],
    protocols: &'a [ProtocolList],
}

impl Teller<'_> {
    /// Writes a value; false where the session has none, none where it does not fit.
    fn value(&self, fact: u32, which: u32, out: &mut Out, dates: &mut Dates) -> Option<bool> {
        let session = &self.session;
        let word = |at| session.word(at) as u32;
        let (version, protocol) = (self.version, self.protocol);
        let is_ip = version != 0;
        let is_tcp = is_ip && protocol == TCP;
        let own = session.side(which);
        let count = |at| own.word(at) as u32;
        let has = match fact {
            fact::ID => {
                let start_us = session.float(slot::START_US);
                out.put_id(start_us, word(slot::HASH), word(slot::PACKET_NUMBER))
            }
            fact::ADDRESS => is_ip && out.put_address(version, self.address(which)),
            fact::PORT => {
                let port = word(slot::PORTS) >> (which * 16) & 0xffff;
                matches!(protocol, TCP | UDP | SCTP) && out.put_count(port)
            }
            fact::MAC => self.mac(is_ip, which, out),
            fact::NETWORK_TYPE => out.put_network_type(version, (word(slot::ORIGIN) >> 16) as u16),
            fact::TRANSPORT => is_ip && out.put_transport(protocol),
            fact::IANA_NUMBER => is_ip && out.put_quoted_count(protocol),
            fact::COMMUNITY_ID => is_ip && out.put_community_id(&self.community_digest()),
            fact::START => {
                dates.put(out, session.float(slot::START_US));
                true
            }
            fact::END => {
                let last_us = self.last_us();
                dates.put(out, last_us);
                true
            }
            fact::DURATION => {
                let lasted_us = self.last_us() - session.float(slot::START_US);
                out.put_number(lasted_us.max(0.0) * 1000.0)
            }
            fact::FIRST_PROTOCOL | fact::PROTOCOLS => {
                let list = self
                    .protocols
                    .get((word(slot::PROBING) >> probing::LIST_SHIFT) as usize);
                let text = list.map_or(&[][..], |list| {
                    if fact == fact::PROTOCOLS {
                        &list.all
                    } else {
                        &list.first
                    }
                });
                return out.put_given(text, self.ask.limit);
            }
            fact::ALL_PACKETS => {
                let packets = |direction| session.side(direction).word(side::PACKETS) as u32;
                out.put_wide(u64::from(packets(0)) + u64::from(packets(1)))
            }
            fact::ALL_BYTES => {
                let bytes = |direction| session.side(direction).float(side::BYTES);
                out.put_number(bytes(0) + bytes(1))
            }
            fact::VLAN => {
                let last = word(slot::VLANS_HIGH);
                let id = match which {
                    0 => word(slot::VLANS_LOW) & 0xffff,
                    1 => word(slot::VLANS_LOW) >> 16,
                    _ => last & 0xffff,
                };
                which < last >> 16 && out.put_quoted_count(id)
            }
            fact::REASON => match self.reasons.get(self.ask.reason) {
                Some(text) => return out.put_given(text, self.ask.limit),
                None => false,
            },
            fact::PART => {
                let part = word(slot::PART) & 0x00ff_ffff;
                part != 0 && out.put_count(part)
            }
            fact::MIDSTREAM => {
                let is_midstream =
                    protocol == TCP && word(slot::STATE) & (state::SYN_0 | state::SYN_1) == 0;
                is_midstream && out.put_text(b"true")
            }
            fact::TCP_STATE => protocol == TCP && out.put_text(self.tcp_state()),
            fact::HANDSHAKE_US => {
                let taken = session.word(slot::HANDSHAKE_US);
                protocol == TCP && taken >= 0 && out.put_count(taken as u32)
            }
            fact::PACKETS => out.put_count(count(side::PACKETS)),
            fact::BYTES => out.put_number(own.float(side::BYTES)),
            fact::PAYLOAD_BYTES => out.put_number(own.float(side::PAYLOAD)),
            fact::TTL => {
                let ttl = count(side::MARKS) >> 8 & 0xff;
                ttl != 0 && out.put_count(ttl)
            }
            fact::DUPLICATES => {
                let is_udp = is_ip && protocol == UDP;
                is_udp && out.put_some(count(side::RETRANSMITTED))
            }
            fact::TCP_FLAGS => is_tcp && out.put_flags(count(side::MARKS) & 0xff),
            fact::GAP_BYTES => is_tcp && out.put_some(self.ask.gap_bytes[which as usize & 1]),
            fact::RETRANSMITTED => is_tcp && out.put_some(count(side::RETRANSMITTED)),
            fact::OUT_OF_ORDER => is_tcp && out.put_some(count(side::OUT_OF_ORDER)),
            _ => false,
        };
        Some(has)
    }

    fn last_us(&self) -> f64 {
        let last_us = |direction| self.session.side(direction).float(side::LAST_US);
        last_us(0).max(last_us(1))
    }

    /// The address of a side in network order; of IPv4 the first four bytes.
    fn address(&self, which: u32) -> [u8; 16] {
        let at = if which == 0 {
            slot::ADDRESS_A
        } else {
            slot::ADDRESS_B
        };
        self.session.bytes(at as usize * 4)
    }

    fn mac(&self, is_ip: bool, which: u32, out: &mut Out) -> bool {
        let mac: [u8; 6] = if is_ip {
            let known = self.session.word(slot::STATE) as u32 & state::MAC_0 << which != 0;
            if !known {
                return false;
            }
            let side = if which == 0 {
                slot::SIDE_0
            } else {
                slot::SIDE_1
            };
            self.session.bytes((side * 4 + side_byte::MAC) as usize)
        } else {
            let [mac @ .., _, _, _, _, _, _, _, _, _, _] = self.address(which);
            mac
        };
        out.put_mac(mac)
    }

    /// The digest of the community id. IPv4 leaves room for it in the slot, behind each of the two addresses, so that a
    /// flow's records share the work.
    fn community_digest(&self) -> community_id::Digest {
        let session = &self.session;
        let places = [
            slot::ADDRESS_A + 1,
            slot::ADDRESS_A + 2,
            slot::ADDRESS_A + 3,
            slot::ADDRESS_B + 1,
            slot::ADDRESS_B + 2,
        ];
        let bits = session.word(slot::STATE) as u32;
        let head = session.word(slot::PROTOCOL) as u32;
        let is_short = head >> 8 & 0xff == 4;
        if is_short && bits & state::DIGEST != 0 {
            return places.map(|at| session.word(at) as u32);
        }
        let ends = if is_short {
            let end = |at| u32::from_be(session.word(at) as u32);
            Ends::V4(end(slot::ADDRESS_A), end(slot::ADDRESS_B))
        } else {
            let [source, destination] = [0, 1].map(|which| self.address(which));
            Ends::V6(
                u128::from_be_bytes(source),
                u128::from_be_bytes(destination),
            )
        };
        let ports = session.word(slot::PORTS) as u32;
        let digest = community_id::digest(&community_id::Flow {
            ends,
            protocol: (head >> 16) as u8,
            source_port: ports as u16,
            destination_port: (ports >> 16) as u16,
            seed: self.seed,
            always: false,
        });
        if is_short {
            for (at, word) in places.into_iter().zip(digest) {
                session.put(at, word as i32);
            }
            session.put(slot::STATE, (bits | state::DIGEST) as i32);
        }
        digest
    }

    fn tcp_state(&self) -> &'static [u8] {
        let bits = self.session.word(slot::STATE) as u32;
        let fins = state::FIN_0 | state::FIN_1;
        let syns = state::SYN_0 | state::SYN_1;
        let payload = |direction| self.session.side(direction).float(side::PAYLOAD);
        if bits & state::RESET != 0 {
            b"\"reset\""
        } else if bits & fins == fins {
            b"\"closed\""
        } else if bits & fins != 0 {
            b"\"half_closed\""
        } else if bits & state::ESTABLISHED != 0 {
            b"\"established\""
        } else if bits & syns == 0 {
            b"\"midstream\""
        } else if bits & syns == state::SYN_0 {
            if bits & state::SEEN_1 == 0 {
                b"\"syn_sent\""
            } else {
                b"\"established\""
            }
        } else if payload(0) + payload(1) > 0.0 {
            b"\"established\""
        } else {
            b"\"syn_received\""
        }
    }
}
