//! Plans: which facts of a session a record says, and under which names.

use crate::generated::layout::fact_step;

use super::notes::NotePaths;
use super::text::{Name, VALUE_MOST, WIDE};

/// Objects in one another at most.
pub const DEPTH_MOST: usize = 8;

/// Why bytes are no plan.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlanError {
    /// A step is cut off.
    #[error("a plan ends within a step")]
    Cut,
    /// A step that there is not.
    #[error("a plan has a step {0}")]
    Unknown(u8),
    /// Objects that are not closed, or closed without being open, or too many in one another.
    #[error("the objects of a plan do not match")]
    Objects,
}

pub(super) enum Step {
    Text(Box<[u8]>),
    Open(Name),
    /// With the name of what it closes.
    Close(Name),
    Time,
    Fact {
        fact: u32,
        which: u32,
        name: Name,
    },
    Value {
        index: u32,
        name: Name,
    },
    Notes,
}

/// A plan, read.
pub struct Plan {
    pub(super) steps: Vec<Step>,
    /// Most bytes that it writes, but for values of any length.
    pub(super) most: usize,
    /// It says something of a session.
    pub(super) has_facts: bool,
    /// It says what is noted of one.
    pub(super) has_notes: bool,
    /// How it has what is noted of a session.
    pub(super) notes: NotePaths,
}

impl Plan {
    /// Reads a plan as `tools/fact-layout.ts` has it.
    pub fn read(bytes: &[u8]) -> Result<Plan, PlanError> {
        let mut steps = Vec::new();
        let mut open: Vec<Name> = Vec::new();
        let mut most = WIDE;
        let mut has_facts = false;
        let mut has_notes = false;
        let mut rest = bytes;
        while !rest.is_empty() {
            let head = take(&mut rest, 4)?;
            let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
            let step = match u32::from(head[0]) {
                fact_step::TEXT => {
                    most += length;
                    Step::Text(take(&mut rest, length)?.into())
                }
                fact_step::OPEN => {
                    let name = Name::new(take(&mut rest, length)?);
                    // Itself and the brace that closes it.
                    most += length + 1;
                    open.push(name.clone());
                    if open.len() > DEPTH_MOST {
                        return Err(PlanError::Objects);
                    }
                    Step::Open(name)
                }
                fact_step::CLOSE => Step::Close(open.pop().ok_or(PlanError::Objects)?),
                fact_step::TIME => {
                    most += VALUE_MOST;
                    Step::Time
                }
                kind @ (fact_step::FACT | fact_step::VALUE) => {
                    let what = take(&mut rest, 2)?;
                    most += length + VALUE_MOST;
                    let name = Name::new(take(&mut rest, length)?);
                    let index = u32::from(what[0]);
                    if kind == fact_step::VALUE {
                        Step::Value { index, name }
                    } else {
                        has_facts = true;
                        Step::Fact {
                            fact: index,
                            which: u32::from(what[1]),
                            name,
                        }
                    }
                }
                fact_step::NOTES => {
                    has_notes = true;
                    Step::Notes
                }
                _ => return Err(PlanError::Unknown(head[0])),
            };
            steps.push(step);
        }
        if !open.is_empty() {
            return Err(PlanError::Objects);
        }
        Ok(Plan {
            steps,
            most,
            has_facts,
            has_notes,
            notes: NotePaths::default(),
        })
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], PlanError> {
    let (taken, behind) = rest.split_at_checked(count).ok_or(PlanError::Cut)?;
    *rest = behind;
    Ok(taken)
}
