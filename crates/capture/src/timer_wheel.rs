//! When sessions end by idle time: one wheel of buckets over the sessions of a table, on the sources' clock. A packet only
//! stores its time in its session; the wheel looks at a session when its bucket comes round and moves it on if it has been
//! heard of since. A session's deadline is `clock_us + idle_ms`, and it is due when the clock is past it.
//!
//! Whether a session has ended does not depend on the wheel's coarseness: a look-up compares the deadline with the packet's
//! clock itself. The wheel decides only how soon an ended session is noticed.

use crate::generated::layout::{slot, timer_wheel};
use crate::session_table::{NO_BUCKET, Session, Sessions};

const TICK_US: f64 = timer_wheel::TICK_US as f64;
const BUCKETS: i64 = timer_wheel::BUCKETS as i64;
const NONE: i32 = -1;

/// The buckets; the sessions in one are linked by their own words.
pub struct TimerWheel {
    /// First session of each bucket, or -1.
    heads: Box<[i32]>,
    /// A bit for each bucket that holds a session.
    occupied: Box<[u64]>,
    /// The tick that is not over yet.
    tick: i64,
    target: i64,
    now_us: f64,
    next_us: f64,
    /// Next session of the bucket being emptied.
    cursor: i32,
}

impl Default for TimerWheel {
    fn default() -> TimerWheel {
        TimerWheel {
            heads: vec![NONE; BUCKETS as usize].into(),
            occupied: vec![0; BUCKETS as usize / 64].into(),
            tick: 0,
            target: 0,
            now_us: 0.0,
            next_us: f64::INFINITY,
            cursor: NONE,
        }
    }
}

/// Number of the tick a clock is in.
fn tick_of(us: f64) -> i64 {
    (us / TICK_US).floor() as i64
}

fn deadline_us(session: &Session) -> f64 {
    session.float(slot::CLOCK_US) + f64::from(session.word(slot::IDLE_MS)) * 1000.0
}

impl TimerWheel {
    /// Sets the wheel going at a clock.
    pub fn start(&mut self, clock_us: f64) {
        self.tick = tick_of(clock_us);
        self.target = self.tick;
        self.now_us = clock_us;
        self.next_us = (self.tick + 1) as f64 * TICK_US;
    }

    /// The clock from which `advance` has something to do; infinity before the start.
    pub fn next_us(&self) -> f64 {
        self.next_us
    }

    /// Every deadline before this has been given out. -infinity before the start.
    pub fn past_us(&self) -> f64 {
        if self.next_us == f64::INFINITY {
            f64::NEG_INFINITY
        } else {
            self.tick as f64 * TICK_US
        }
    }

    /// Puts a session that is in no bucket into that of its deadline.
    pub fn link(&mut self, sessions: &Sessions, number: u32) {
        let tick = self.place(&sessions.at(number), self.tick);
        self.link_at(sessions, number, tick);
    }

    /// Takes a session out of its bucket, if it is in one.
    pub fn unlink(&mut self, sessions: &Sessions, number: u32) {
        let session = sessions.at(number);
        let bucket = session.word(slot::BUCKET);
        if bucket == NO_BUCKET {
            return;
        }
        let (next, previous) = (session.word(slot::NEXT), session.word(slot::PREVIOUS));
        if next >= 0 {
            sessions.at(next as u32).put(slot::PREVIOUS, previous);
        }
        if previous >= 0 {
            sessions.at(previous as u32).put(slot::NEXT, next);
        } else {
            self.set_head(bucket as usize, next);
        }
        session.put(slot::BUCKET, NO_BUCKET);
    }

    /// Moves time on; `take_due` then gives every session whose bucket is over and whose deadline is past.
    pub fn advance(&mut self, clock_us: f64) {
        self.now_us = clock_us;
        self.target = tick_of(clock_us);
        self.next_us = (self.target + 1) as f64 * TICK_US;
        // After a leap over the whole wheel one round visits everything.
        self.tick = self.tick.max(self.target - BUCKETS);
    }

    /// The next session that is due, taken out of the wheel.
    pub fn take_due(&mut self, sessions: &Sessions) -> Option<u32> {
        loop {
            while self.cursor >= 0 {
                let number = self.cursor as u32;
                let session = sessions.at(number);
                self.cursor = session.word(slot::NEXT);
                if self.cursor >= 0 {
                    // Nobody has looked at it for as long as it may be idle.
                    let lines = [0, slot::START_US, slot::SIDE_0, slot::SIDE_1];
                    sessions.at(self.cursor as u32).want(&lines);
                }
                session.put(slot::BUCKET, NO_BUCKET);
                if deadline_us(&session) < self.now_us {
                    return Some(number);
                }
                let tick = self.place(&session, self.target);
                self.link_at(sessions, number, tick);
            }
            if self.tick >= self.target {
                return None;
            }
            let bucket = (self.tick & (BUCKETS - 1)) as usize;
            self.tick += 1;
            self.cursor = self.heads[bucket];
            if self.cursor >= 0 {
                self.set_head(bucket, NONE);
            }
        }
    }

    /// The session that will be due first, to within a tick. Those that were heard of since they were put into their bucket are
    /// moved on along the way.
    pub fn oldest(&mut self, sessions: &Sessions) -> Option<u32> {
        let mut step = 0;
        while step < BUCKETS {
            let bucket = (self.tick + step) & (BUCKETS - 1);
            let pending = self.occupied[bucket as usize / 64] >> (bucket % 64);
            if pending == 0 {
                step += 64 - bucket % 64;
                continue;
            }
            let zeros = i64::from(pending.trailing_zeros());
            if zeros > 0 {
                step += zeros;
                continue;
            }
            let number = self.heads[bucket as usize] as u32;
            let session = sessions.at(number);
            let tick = self.place(&session, self.tick);
            if tick == self.tick + step {
                return Some(number);
            }
            self.unlink(sessions, number);
            self.link_at(sessions, number, tick);
            // A session never moves to an earlier bucket this way, so the walk ends.
            if i64::from(session.word(slot::BUCKET)) == bucket {
                return Some(number);
            }
        }
        None
    }

    /// Tick of a session's deadline, no earlier than `first` and no further than the wheel reaches.
    fn place(&self, session: &Session, first: i64) -> i64 {
        tick_of(deadline_us(session)).clamp(first, first + BUCKETS - 1)
    }

    fn link_at(&mut self, sessions: &Sessions, number: u32, tick: i64) {
        let bucket = (tick & (BUCKETS - 1)) as usize;
        let head = self.heads[bucket];
        let session = sessions.at(number);
        session.put(slot::NEXT, head);
        session.put(slot::PREVIOUS, NONE);
        session.put(slot::BUCKET, bucket as i32);
        if head >= 0 {
            sessions.at(head as u32).put(slot::PREVIOUS, number as i32);
        }
        self.set_head(bucket, number as i32);
    }

    fn set_head(&mut self, bucket: usize, head: i32) {
        self.heads[bucket] = head;
        let bit = 1 << (bucket % 64);
        if head >= 0 {
            self.occupied[bucket / 64] |= bit;
        } else {
            self.occupied[bucket / 64] &= !bit;
        }
    }
}
