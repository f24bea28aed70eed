//! The missing ranges of directions of TCP streams, kept so that bytes that come late are counted once and bytes that never come are
//! counted as missing. Sequence numbers are 32 bits, modular; all of a list lie within 2^31 of each other. Few directions have any.

/// Most holes followed per direction; beyond, the lowest is forgotten and stays missing.
pub const MOST_HOLES: usize = 64;
/// Most directions whose holes are followed at once.
const MOST_LISTS: usize = 65_536;

/// Sequence numbers `[start, end)` that were not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// The lowest.
    pub start: i32,
    /// Behind the highest.
    pub end: i32,
}

/// The holes of one direction, in order.
#[derive(Debug, Default)]
pub struct HoleList {
    holes: Vec<Hole>,
    forgotten: u32,
}

impl HoleList {
    /// Those that are followed, the lowest first.
    pub fn holes(&self) -> &[Hole] {
        &self.holes
    }

    /// Holes forgotten because there were too many.
    pub fn forgotten(&self) -> u32 {
        self.forgotten
    }

    /// Adds a hole above all others.
    pub fn append(&mut self, hole: Hole) {
        self.make_room();
        self.holes.push(hole);
    }

    /// Adds a hole below all others. A full list does not take it.
    pub fn prepend(&mut self, hole: Hole) {
        if self.holes.len() == MOST_HOLES {
            self.forgotten += 1;
        } else {
            self.holes.insert(0, hole);
        }
    }

    /// Takes `[from, to)` out of the holes; how many missing numbers that were.
    pub fn cover(&mut self, from: i32, to: i32) -> i32 {
        let mut covered = 0;
        let mut index = 0;
        while let Some(hole) = self.holes.get_mut(index) {
            let Hole { start, end } = *hole;
            let low = if from.wrapping_sub(start) > 0 {
                from
            } else {
                start
            };
            let high = if end.wrapping_sub(to) > 0 { to } else { end };
            let length = high.wrapping_sub(low);
            if length <= 0 {
                index += 1;
                continue;
            }
            covered += length;
            match (low == start, high == end) {
                (true, true) => {
                    self.holes.remove(index);
                    continue;
                }
                (true, false) => hole.start = high,
                (false, true) => hole.end = low,
                (false, false) => {
                    hole.end = low;
                    // The range lay inside one hole, so no other is covered.
                    self.split(index + 1, Hole { start: high, end });
                    return covered;
                }
            }
            index += 1;
        }
        covered
    }

    /// The upper part of a hole that was parted becomes the one at `index`, or one lower in a list that was full.
    fn split(&mut self, index: usize, upper: Hole) {
        let was_full = self.make_room();
        self.holes.insert(index - usize::from(was_full), upper);
    }

    /// Forgets the lowest hole of a full list; whether it was full.
    fn make_room(&mut self) -> bool {
        let is_full = self.holes.len() == MOST_HOLES;
        if is_full {
            self.holes.remove(0);
            self.forgotten += 1;
        }
        is_full
    }
}

/// The lists of the directions that have one.
#[derive(Debug)]
pub struct HoleLists {
    /// By direction, as the caller numbers them: 1 + index of its list; 0 none.
    places: Vec<u32>,
    lists: Vec<HoleList>,
    free: Vec<u32>,
}

impl HoleLists {
    /// No lists, for as many directions.
    pub fn new(directions: usize) -> HoleLists {
        HoleLists {
            places: vec![0; directions],
            lists: Vec::new(),
            free: Vec::new(),
        }
    }

    /// The list of a direction, if it has one.
    pub fn of(&self, direction: u32) -> Option<&HoleList> {
        self.lists.get(self.place(direction)?)
    }

    /// The same, to be changed.
    pub fn of_mut(&mut self, direction: u32) -> Option<&mut HoleList> {
        let place = self.place(direction)?;
        self.lists.get_mut(place)
    }

    fn place(&self, direction: u32) -> Option<usize> {
        (self.places[direction as usize] as usize).checked_sub(1)
    }

    /// The list of a direction; a new, empty one where it has none, or nothing when there are too many.
    pub fn open(&mut self, direction: u32) -> Option<&mut HoleList> {
        if self.place(direction).is_none() {
            let place = match self.free.pop() {
                Some(place) => place,
                None if self.lists.len() < MOST_LISTS => {
                    self.lists.push(HoleList::default());
                    self.lists.len() as u32 - 1
                }
                None => return None,
            };
            self.places[direction as usize] = place + 1;
        }
        self.of_mut(direction)
    }

    /// Lets the list of a direction go, if it has one.
    pub fn close(&mut self, direction: u32) {
        let Some(place) = self.place(direction) else {
            return;
        };
        self.places[direction as usize] = 0;
        self.lists[place].holes.clear();
        self.lists[place].forgotten = 0;
        self.free.push(place as u32);
    }

    /// Two directions change places.
    pub fn swap(&mut self, one: u32, other: u32) {
        self.places.swap(one as usize, other as usize);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn hole(start: i32, end: i32) -> Hole {
        Hole { start, end }
    }

    proptest! {
        #[test]
        fn covers_what_a_set_of_missing_numbers_would(
            base in any::<i32>(),
            covers in prop::collection::vec((0i32..200, 1i32..60), 0..40),
        ) {
            let at = |number: i32| base.wrapping_add(number);
            let mut list = HoleList::default();
            list.append(hole(at(0), at(100)));
            list.append(hole(at(120), at(200)));
            let mut missing: BTreeSet<i32> = (0..100).chain(120..200).collect();
            for (from, length) in covers {
                let before = missing.len();
                missing.retain(|number| !(from..from + length).contains(number));
                let expected = (before - missing.len()) as i32;
                prop_assert_eq!(list.cover(at(from), at(from + length)), expected);
            }
            prop_assert_eq!(list.cover(at(0), at(300)), missing.len() as i32);
            prop_assert!(list.holes().is_empty());
        }
    }

    fn full() -> HoleList {
        let mut list = HoleList::default();
        for number in 0..MOST_HOLES as i32 {
            list.append(hole(number * 10, number * 10 + 5));
        }
        list
    }

    #[test]
    fn forgets_the_lowest_hole_when_there_are_too_many() {
        let mut list = full();
        for number in 0..3 {
            let start = (MOST_HOLES as i32 + number) * 10;
            list.append(hole(start, start + 5));
        }
        assert_eq!((list.holes().len(), list.forgotten()), (MOST_HOLES, 3));
        assert_eq!(list.holes()[0], hole(30, 35));
        assert_eq!(list.cover(0, 30), 0);
        assert_eq!(list.cover(32, 33), 1);
        // Parted, the lowest is the one that is forgotten, and its upper part stays.
        assert_eq!((list.holes().len(), list.forgotten()), (MOST_HOLES, 4));
        assert_eq!(list.holes()[0], hole(33, 35));
        list.prepend(hole(0, 5));
        assert_eq!((list.holes().len(), list.forgotten()), (MOST_HOLES, 5));
        assert_eq!(list.holes()[0], hole(33, 35));
    }

    #[test]
    fn parting_a_hole_of_a_full_list_forgets_its_lowest_and_keeps_both_parts() {
        let mut list = full();
        assert_eq!(list.cover(22, 23), 1);
        assert_eq!((list.holes().len(), list.forgotten()), (MOST_HOLES, 1));
        assert_eq!(
            list.holes()[..3],
            [hole(10, 15), hole(20, 22), hole(23, 25)]
        );
        assert_eq!(list.cover(20, 25), 4);
    }

    #[test]
    fn lists_do_not_mix_change_places_and_use_memory_again() {
        let mut lists = HoleLists::new(600);
        for _ in 0..3 {
            for index in 0..300 {
                let list = lists.open(index as u32 * 2).unwrap();
                assert!(list.holes().is_empty());
                for number in 0..8 {
                    let start = index * 1000 + number * 10;
                    list.append(hole(start, start + 5));
                }
            }
            for index in 0..300 {
                let start = index * 1000;
                let list = lists.of_mut(index as u32 * 2).unwrap();
                assert_eq!(list.cover(start, start + 72), 5 * 7 + 2);
                assert_eq!(list.holes(), [hole(start + 72, start + 75)]);
                list.prepend(hole(start, start + 1));
                assert_eq!(list.cover(start + 72, start + 80), 3);
                assert_eq!(list.holes(), [hole(start, start + 1)]);
            }
            assert_eq!(lists.free.len(), 0);
            lists.swap(0, 1);
            assert!(lists.of(0).is_none());
            assert_eq!(lists.of(1).unwrap().holes(), [hole(0, 1)]);
            lists.swap(0, 1);
            for direction in 0..600 {
                lists.close(direction);
            }
            assert_eq!(lists.free.len(), 300);
        }
        assert_eq!(lists.lists.len(), 300);
    }

    #[test]
    fn too_many_lists_are_refused() {
        let mut lists = HoleLists::new(MOST_LISTS + 1);
        for direction in 0..MOST_LISTS as u32 {
            assert!(lists.open(direction).is_some());
        }
        assert!(lists.open(MOST_LISTS as u32).is_none());
        lists.close(7);
        assert!(lists.open(MOST_LISTS as u32).is_some());
    }
}
