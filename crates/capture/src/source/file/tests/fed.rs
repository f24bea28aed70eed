//! Files that come while the source runs.

use super::merge::{Folder, at};
use super::write::usual;
use crate::source::file::{FileOptions, FileSource, Finished};
use crate::source::{Next, Source};

/// First bytes of the frames up to the next pause or the end, and whether it is the end.
fn read(source: &mut FileSource) -> (Vec<u8>, bool) {
    let mut seen = Vec::new();
    loop {
        match source.next().expect("a bad file is no error of the source") {
            Next::Frame(frame) => seen.push(frame.data[0]),
            Next::Idle => return (seen, false),
            Next::End => return (seen, true),
        }
        source.advance();
    }
}

fn fed() -> (FileSource, super::super::Feed) {
    FileSource::fed(FileOptions::new(Vec::<String>::new()))
}

#[test]
fn files_that_are_there_together_merge_and_later_ones_follow() {
    let folder = Folder::new();
    let late = folder.write("late", &usual(&at(&[30, 50], 2)));
    let early = folder.write("early", &usual(&at(&[10, 40], 1)));
    let (mut source, feed) = fed();
    assert_eq!(read(&mut source), (vec![], false));
    feed.add(late.clone());
    feed.add(early.clone());
    assert_eq!(read(&mut source), (vec![1, 2, 1, 2], false));
    let finished: Vec<_> = feed.take_finished();
    let told = |path: &std::path::PathBuf| Finished {
        path: path.clone(),
        packets: 2,
        problem: None,
    };
    assert_eq!(finished, [told(&early), told(&late)]);
    feed.add(folder.write("older", &usual(&at(&[5], 3))));
    feed.complete();
    assert_eq!(read(&mut source), (vec![3], true));
    assert_eq!(feed.take_finished().len(), 1);
    assert_eq!(source.counts().file_errors, 0);
}

#[test]
fn bad_files_are_told_counted_and_passed_over() {
    let folder = Folder::new();
    let mut cut = usual(&at(&[10, 20], 1));
    cut.truncate(cut.len() - 1);
    let (mut source, feed) = fed();
    feed.add(folder.write("cut", &cut));
    feed.add(folder.write(
        "text",
        b"no capture, but long enough to be one of some kind",
    ));
    feed.add(folder.0.join("gone"));
    feed.add(folder.0.clone());
    feed.add(folder.write("empty", &usual(&[])));
    feed.add(folder.write("good", &usual(&at(&[15], 2))));
    feed.complete();
    assert_eq!(read(&mut source), (vec![1, 2], true));
    let finished = feed.take_finished();
    let problem_of = |name: &str| {
        let ends = |file: &&Finished| file.path == folder.0.join(name);
        let file = finished.iter().find(ends).expect("every file is told of");
        file.problem.clone()
    };
    assert_eq!(finished.len(), 6);
    assert!(problem_of("cut").is_some_and(|text| text.contains("the 1 packets before")));
    assert!(problem_of("text").is_some());
    assert!(problem_of("gone").is_some());
    assert!(problem_of("").is_some());
    assert_eq!((problem_of("empty"), problem_of("good")), (None, None));
    assert_eq!(source.counts().file_errors, 4);
    let told = std::iter::from_fn(|| source.take_notice()).count();
    assert_eq!(told, 4);
}

#[test]
fn a_stopped_source_does_not_call_unread_files_finished() {
    let folder = Folder::new();
    let (mut source, feed) = fed();
    feed.add(folder.write("a", &usual(&at(&[10, 20], 1))));
    assert!(matches!(source.next(), Ok(Next::Frame(_))));
    source.advance();
    source.stop();
    assert_eq!(read(&mut source), (vec![], true));
    assert!(feed.take_finished().is_empty());
}
