//! Whether files are as somebody noted them, by time and size. The launcher asks it of all sources at every start: Node
//! makes an object of a kilobyte of each file's state, from which V8 concludes that its heap is full of garbage.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whether each of `paths` below `root` is there with the time of its last change as noted, in milliseconds as Node
/// counts them, and with its size in bytes where `sizes` are given. Lists of unequal length are no notes.
pub fn are_as_noted(root: &Path, paths: &[String], times: &[f64], sizes: Option<&[f64]>) -> bool {
    if times.len() != paths.len() || sizes.is_some_and(|sizes| sizes.len() != paths.len()) {
        return false;
    }
    paths.iter().enumerate().all(|(index, path)| {
        fs::metadata(root.join(path)).is_ok_and(|state| {
            milliseconds(&state) == times[index]
                && sizes.is_none_or(|sizes| state.len() as f64 == sizes[index])
        })
    })
}

/// The same number as `mtimeMs` of Node's `Stats`, to the last bit.
fn milliseconds(state: &fs::Metadata) -> f64 {
    state.mtime() as f64 * 1000.0 + state.mtime_nsec() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_times_other_sizes_and_files_that_are_gone_are_seen() {
        let root = std::env::temp_dir().join(format!("ringtap-file-state-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("a"), "one").unwrap();
        fs::write(root.join("b"), "three").unwrap();
        let paths = ["a", "b"].map(String::from);
        let state = |path: &String| fs::metadata(root.join(path)).unwrap();
        let times = paths.each_ref().map(|path| milliseconds(&state(path)));
        let sizes = [3.0, 5.0];
        assert!(are_as_noted(&root, &paths, &times, Some(&sizes)));
        assert!(are_as_noted(&root, &paths, &times, None));
        assert!(!are_as_noted(&root, &paths, &times, Some(&[3.0, 4.0])));
        assert!(!are_as_noted(&root, &paths, &times[..1], None));
        assert!(!are_as_noted(&root, &paths, &times, Some(&sizes[..1])));
        assert!(!are_as_noted(
            &root,
            &paths,
            &[times[0], times[1] + 0.5],
            None
        ));
        fs::remove_file(root.join("b")).unwrap();
        assert!(!are_as_noted(&root, &paths, &times, None));
        fs::remove_dir_all(&root).unwrap();
    }
}
