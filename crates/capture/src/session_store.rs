//! All that a packet worker keeps of its sessions in memory that both languages see: the table, when sessions end, and the
//! worker's counters.

use crate::generated::layout::table_desk;
use crate::memory::Memory;
use crate::session_table::Table;
use crate::timer_wheel::TimerWheel;

/// The sessions of one packet worker.
pub struct SessionStore {
    /// The sessions, and the index over them.
    pub table: Table,
    /// When they end by idle time.
    pub wheel: TimerWheel,
    desk: Memory,
    counters: Memory,
}

impl SessionStore {
    /// A store without sessions. `sessions`: memory for as many as there may be, all 0; `desk`: `table_desk`; `counters`: f64 each.
    pub fn new(sessions: Memory, desk: Memory, counters: Memory) -> SessionStore {
        let store = SessionStore {
            table: Table::new(sessions),
            wheel: TimerWheel::default(),
            desk,
            counters,
        };
        store.tell();
        store
    }

    /// Adds to a counter.
    pub fn count(&self, counter: u32, by: f64) {
        let at = counter as usize * 8;
        self.counters
            .put_float(at, self.counters.get_float(at) + by);
    }

    /// Gives a session back: it is in no bucket and in no index any more.
    pub fn remove(&mut self, number: u32) {
        self.wheel.unlink(self.table.sessions(), number);
        self.table.remove(number);
    }

    /// Puts the session into the bucket of its deadline, which has come nearer.
    pub fn relink(&mut self, number: u32) {
        self.wheel.unlink(self.table.sessions(), number);
        self.wheel.link(self.table.sessions(), number);
    }

    /// Writes onto the desk how many sessions there are and where the wheel stands.
    pub fn tell(&self) {
        let desk = &self.desk;
        desk.put(table_desk::SESSIONS, self.table.size() as i32);
        desk.put(table_desk::HIGH_WATER, self.table.high_water() as i32);
        desk.put_float(table_desk::NEXT_US, self.wheel.next_us());
        desk.put_float(table_desk::PAST_US, self.wheel.past_us());
    }

    /// The session that is asked for, or -1.
    pub fn asked(&self) -> i32 {
        self.desk.get(table_desk::SESSION)
    }

    /// Answers with a session.
    pub fn answer(&self, number: Option<u32>) {
        let number = number.map_or(-1, |number| number as i32);
        self.desk.put(table_desk::SESSION, number);
    }
}
