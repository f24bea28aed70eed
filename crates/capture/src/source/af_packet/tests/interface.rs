//! An interface that goes, comes back, is another one, or cannot be opened.

use std::io;
use std::time::Instant;

use super::{
    PATIENCE, Sender, datagram, in_namespace, ip, make_pair, open, options, program, take, take_all,
};
use crate::source::af_packet::{AfPacketOptions, AfPacketSource, Fanout};
use crate::source::{Next, Source, SourceError};

#[test]
fn an_interface_that_goes_down_and_comes_up_is_waited_for() {
    in_namespace(
        "an_interface_that_goes_down_and_comes_up_is_waited_for",
        || {
            make_pair();
            let mut source = open("near");
            Sender::new("far").send(&datagram(1, 53, 50));
            assert_eq!(take(&mut source, 1).len(), 1);
            assert!(ip("link set near down"));
            wait_for(&mut source, "went down");
            assert_eq!(source.counts().interface_down, 1);
            assert!(ip("link set near up"));
            wait_for(&mut source, "up again");
            Sender::new("far").send(&datagram(2, 53, 50));
            assert_eq!(take(&mut source, 1), [datagram(2, 53, 50)]);
            assert_eq!(source.counts().interface_down, 1);
        },
    );
}

#[test]
fn what_is_no_interface_says_what_to_do() {
    let error = |name: &str| AfPacketSource::open(options(name)).expect_err("no such interface");
    assert_eq!(error("nosuch0").to_string(), "nosuch0: No such device");
    assert_eq!(
        error("any").to_string(),
        "any: there is no capture on all interfaces at once; name each, with -i or [[source]]"
    );
}

#[test]
fn an_interface_made_anew_is_opened_again_with_its_filter_and_group() {
    in_namespace(
        "an_interface_made_anew_is_opened_again_with_its_filter_and_group",
        || {
            make_pair();
            let fanout = Some(Fanout {
                group_id: 9,
                defragment: false,
            });
            let mut source = AfPacketSource::open(AfPacketOptions {
                fanout,
                ..options("near")
            })
            .expect("permitted in a namespace");
            let filter = program("udp port 53");
            if let Some(filter) = &filter {
                assert!(source.set_kernel_filter(filter).expect("set"));
            }
            assert!(ip("link del near"));
            wait_for(&mut source, "went down");
            make_pair();
            wait_for(&mut source, "up again");
            let sender = Sender::new("far");
            if filter.is_some() {
                sender.send(&datagram(3, 80, 50));
            }
            sender.send(&datagram(4, 53, 50));
            assert_eq!(take(&mut source, 1), [datagram(4, 53, 50)]);
            assert_eq!(source.counts().interface_down, 1);
            assert!(ip("link del near"));
            wait_for(&mut source, "went down");
            assert_eq!(take_all(&mut source).len(), 0);
            assert_eq!(source.counts().interface_down, 2);
        },
    );
}

/// Pulls until a message with this in it comes.
fn wait_for(source: &mut AfPacketSource, words: &str) {
    let end = Instant::now() + PATIENCE;
    loop {
        assert!(Instant::now() < end, "no message with {words:?}");
        assert!(!matches!(source.next().expect("no error"), Next::End));
        source.advance();
        while let Some(notice) = source.take_notice() {
            if notice.contains(words) {
                return;
            }
        }
    }
}

#[test]
fn an_interface_that_is_down_is_opened_and_waited_for() {
    in_namespace("an_interface_that_is_down_is_opened_and_waited_for", || {
        assert!(ip("link add near type veth peer name far") && ip("link set far up"));
        let mut source = open("near");
        wait_for(&mut source, "waiting for it to come up");
        assert!(ip("link set near up"));
        wait_for(&mut source, "up again");
        assert_eq!(source.counts().interface_down, 0);
    });
}

#[test]
fn what_cannot_be_opened_says_why() {
    in_namespace("what_cannot_be_opened_says_why", || {
        let error = |options: AfPacketOptions| AfPacketSource::open(options).expect_err("refused");
        for name in ["nosuch", "", "a-name-that-is-too-long-for-an-interface"] {
            let SourceError::Open { what, cause } = error(options(name)) else {
                panic!("kind")
            };
            assert_eq!(
                (what.as_str(), cause.raw_os_error()),
                (name, Some(libc::ENODEV))
            );
        }
        let refused = |options: AfPacketOptions, word: &str| {
            let SourceError::Format { message, .. } = error(options) else {
                panic!("kind")
            };
            assert!(message.contains(word), "{message}");
        };
        refused(
            AfPacketOptions {
                block_bytes: 100_000,
                ..options("lo")
            },
            "block_bytes",
        );
        refused(
            AfPacketOptions {
                block_count: 0,
                ..options("lo")
            },
            "block_count",
        );
        refused(
            AfPacketOptions {
                frame_bytes: 100,
                ..options("lo")
            },
            "frame_bytes",
        );
        drop_capabilities();
        assert!(matches!(error(options("lo")), SourceError::Permission { what } if what == "lo"));
    });
}

/// Takes all capabilities from this thread.
fn drop_capabilities() {
    // _LINUX_CAPABILITY_VERSION_3, this thread; then effective, permitted, inheritable, twice.
    let header = [0x2008_0522u32, 0];
    let none = [0u32; 6];
    // SAFETY: the kernel reads the header and two triples of this version; only this thread is changed.
    let status = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) };
    assert_eq!(status, 0, "{}", io::Error::last_os_error());
}
