//! An expression with its programs: offsets differ from link type to link type, so each that comes along gets its own,
//! compiled when its first frame comes. Held by the engine, used on the capture thread.

use std::collections::HashMap;

use super::{FilterError, Program, compile};
use crate::frame::Frame;

const ETHERNET: u16 = 1;
/// Link types on which an expression is tried at the start: one that no link type takes is wrong. Ethernet, raw IP,
/// Linux cooked, 802.11, radiotap.
const TRIED: [u16; 5] = [ETHERNET, 101, 113, 105, 127];
/// Link types that a set tells about when they cannot be filtered.
const MAX_NOTICES: usize = 4;

/// The set.
#[derive(Debug)]
pub struct FilterSet {
    expression: String,
    snap_length: u32,
    /// `None` where the expression has no meaning on the link type.
    programs: Vec<Option<Program>>,
    by_link_type: HashMap<u16, usize>,
    /// The last link type and its index in `programs`: nearly always the next one's too.
    last: (u16, usize),
    notices: Vec<String>,
    told: usize,
}

impl FilterSet {
    /// Compiles for the first link type that takes the expression, so that a wrong one is told at once. What the
    /// message says is about Ethernet.
    pub fn new(expression: &str, snap_length: u32) -> Result<FilterSet, FilterError> {
        let mut error = None;
        for link_type in TRIED {
            match compile(expression, link_type, snap_length) {
                Ok(program) => {
                    return Ok(FilterSet {
                        expression: expression.to_owned(),
                        snap_length,
                        programs: vec![Some(program)],
                        by_link_type: HashMap::from([(link_type, 0)]),
                        last: (link_type, 0),
                        notices: Vec::new(),
                        told: 0,
                    });
                }
                Err(missing @ FilterError::LibraryMissing { .. }) => return Err(missing),
                Err(refused) => error = error.or(Some(refused)),
            }
        }
        Err(error.unwrap_or(FilterError::Program {
            index: 0,
            reason: "no link type was tried",
        }))
    }

    /// As given.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The program for a link type, compiled now if need be; `None` when the expression has no meaning there.
    pub fn program(&mut self, link_type: u16) -> Option<&Program> {
        let index = if self.last.0 == link_type {
            self.last.1
        } else {
            self.find(link_type)
        };
        self.programs[index].as_ref()
    }

    /// Whether the frame passes. On a link type for which the expression cannot be compiled nothing does.
    #[inline]
    pub fn matches(&mut self, frame: &Frame<'_>) -> bool {
        let Some(program) = self.program(frame.link_type) else {
            return false;
        };
        match frame.stripped_vlan {
            // Other programs see what they would see in the kernel.
            Some(tag) if frame.link_type == ETHERNET && program.looks_for_tags() => {
                program.matches_with_tag(frame.data, frame.wire_length, tag)
            }
            _ => program.matches(frame.data, frame.wire_length),
        }
    }

    /// A message about a link type that cannot be filtered.
    pub fn take_notice(&mut self) -> Option<String> {
        self.notices.pop()
    }

    #[cold]
    fn find(&mut self, link_type: u16) -> usize {
        let index = match self.by_link_type.get(&link_type) {
            Some(&index) => index,
            None => {
                let program = match compile(&self.expression, link_type, self.snap_length) {
                    Ok(program) => Some(program),
                    Err(error) => {
                        self.tell(link_type, &error);
                        None
                    }
                };
                self.programs.push(program);
                self.by_link_type.insert(link_type, self.programs.len() - 1);
                self.programs.len() - 1
            }
        };
        self.last = (link_type, index);
        index
    }

    fn tell(&mut self, link_type: u16, error: &FilterError) {
        if self.told < MAX_NOTICES {
            self.told += 1;
            self.notices.push(format!(
                "no packet of link type {link_type} passes the filter: {error}"
            ));
        }
    }
}
