//! All that a packet worker keeps of its sessions in memory that both languages see: the table, when sessions end, what is followed of
//! TCP and known of first data, and the worker's counters.

use crate::generated::layout::{slot, state, table_desk};
use crate::memory::Memory;
use crate::recognition::Recognition;
use crate::session_census::SessionCensus;
use crate::session_table::Table;
use crate::tcp::{TcpCounters, Tracker};
use crate::timer_wheel::TimerWheel;

/// The sessions of one packet worker.
pub struct SessionStore {
    /// The sessions, and the index over them.
    pub table: Table,
    /// When they end by idle time.
    pub wheel: TimerWheel,
    /// What is followed of TCP connections.
    pub tcp: Tracker,
    /// What is known of first data. Until it is given, nothing.
    pub recognition: Recognition,
    desk: Memory,
    counters: Memory,
    census: SessionCensus,
}

impl SessionStore {
    /// A store without sessions. `sessions`: memory for as many as there may be, all 0; `desk`: `table_desk`; `counters`: f64 each;
    /// `census` and `tcp`: those of sessions and of TCP among them.
    pub fn new(
        sessions: Memory,
        desk: Memory,
        counters: Memory,
        census: SessionCensus,
        tcp: TcpCounters,
    ) -> SessionStore {
        let most = sessions.bytes() / (slot::WORDS as usize * 4);
        let store = SessionStore {
            table: Table::new(sessions),
            wheel: TimerWheel::default(),
            tcp: Tracker::new(most, counters.from(0), tcp),
            recognition: Recognition::default(),
            desk,
            counters,
            census,
        };
        store.tell();
        store
    }

    /// Counts a session of an IP protocol that was opened.
    pub fn opened(&self, protocol: u32) {
        for counter in self.census.of_opened(protocol) {
            self.counters.add(counter, 1.0);
        }
    }

    /// From here on the session only waits for late packets, for so many milliseconds: its deadline comes nearer.
    pub fn linger(&mut self, number: u32, linger_ms: i32) {
        let session = self.table.session(number);
        let bits = session.word(slot::STATE) as u32 | state::CLOSING;
        session.put(slot::STATE, bits as i32);
        session.put(slot::IDLE_MS, linger_ms);
        self.wheel.unlink(self.table.sessions(), number);
        self.wheel.link(self.table.sessions(), number);
        if let Some(counter) = self.census.closing {
            self.counters.add(counter, 1.0);
        }
    }

    /// The sides of a session have changed places: what is kept beside its slot does too.
    pub fn flip(&mut self, number: u32) {
        self.tcp.flip(&self.table.session(number), number);
        self.recognition.flip(number);
    }

    /// Gives a session back that ends for a reason: it is in no bucket and in no index any more, and counted.
    pub fn close(&mut self, number: u32, reason: u32) {
        let session = self.table.session(number);
        if let Some(counter) = self.census.of_closed(reason) {
            self.counters.add(counter, 1.0);
        }
        for counter in self.census.of_present(session.protocol()) {
            self.counters.add(counter, -1.0);
        }
        let is_closing = session.word(slot::STATE) as u32 & state::CLOSING != 0;
        if let Some(counter) = self.census.closing.filter(|_| is_closing) {
            self.counters.add(counter, -1.0);
        }
        self.tcp.forget_all(&session, number);
        self.recognition.forget(number);
        self.wheel.unlink(self.table.sessions(), number);
        self.table.remove(number);
    }

    /// Writes onto the desk how many sessions there are and where the wheel stands.
    pub fn tell(&self) {
        let desk = &self.desk;
        desk.put(table_desk::SESSIONS, self.table.size() as i32);
        desk.put(table_desk::HIGH_WATER, self.table.high_water() as i32);
        desk.put_float(table_desk::NEXT_US, self.wheel.next_us());
        desk.put_float(table_desk::PAST_US, self.wheel.past_us());
    }

    /// Closes the session that is asked for, for the reason that is given.
    pub fn close_asked(&mut self) {
        let [number, reason] =
            [table_desk::SESSION, table_desk::REASON].map(|at| self.desk.get(at));
        self.close(number as u32, reason as u32);
    }

    /// Answers with a session.
    pub fn answer(&self, number: Option<u32>) {
        let number = number.map_or(-1, |number| number as i32);
        self.desk.put(table_desk::SESSION, number);
    }
}
