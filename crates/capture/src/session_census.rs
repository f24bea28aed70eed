//! Where sessions are counted: how many were opened and closed, and how many there are of each kind.

/// Numbers of counters. What has none is not counted.
#[derive(Debug, Clone, Default)]
pub struct SessionCensus {
    /// By IP protocol: sessions opened.
    pub opened: Vec<u32>,
    /// By IP protocol: sessions there are.
    pub active: Vec<u32>,
    /// All sessions there are.
    pub all: Option<u32>,
    /// Those of them that wait for late packets.
    pub closing: Option<u32>,
    /// By the reason of their end: sessions closed.
    pub closed: Vec<Option<u32>>,
}

impl SessionCensus {
    /// Counters of a session that is opened, all by 1.
    pub fn of_opened(&self, protocol: u32) -> impl Iterator<Item = u32> {
        let opened = self.opened.get(protocol as usize);
        opened.copied().into_iter().chain(self.of_present(protocol))
    }

    /// Counters of a session that is there.
    pub fn of_present(&self, protocol: u32) -> impl Iterator<Item = u32> {
        let active = self.active.get(protocol as usize);
        active.copied().into_iter().chain(self.all)
    }

    /// The counter of sessions that end for a reason.
    pub fn of_closed(&self, reason: u32) -> Option<u32> {
        self.closed.get(reason as usize).copied().flatten()
    }
}
