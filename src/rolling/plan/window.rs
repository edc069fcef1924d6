//! When the next instance of a group may be touched.

/// What comes next in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Begin with the replacement of this instance.
    Start(usize),
    /// Validate the cluster: what was replaced has to prove itself.
    Validate,
    /// Wait until a running replacement ends.
    Wait,
    /// All are replaced and proven.
    Done,
}

/// Counts replacements that run, and those that ended and are not proven by a validation yet. Both hold a place.
///
/// A validation proves only what ended before it began: what ends meanwhile may be missing from its view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    total: usize,
    places: usize,
    first_alone: bool,
    started: usize,
    running: usize,
    unproven: usize,
    in_validation: usize,
    proven: usize,
}

impl Window {
    /// A window over so many replacements with so many places; with `first_alone` the first has to be proven before
    /// another begins.
    pub fn new(total: usize, places: usize, first_alone: bool) -> Self {
        let places = places.max(1);
        Self { total, places, first_alone, started: 0, running: 0, unproven: 0, in_validation: 0, proven: 0 }
    }

    /// What comes next. `Start` and `Validate` count as begun.
    pub fn advance(&mut self) -> Move {
        let taken = self.running + self.unproven + self.in_validation;
        let held_back = self.first_alone && self.started > 0 && self.proven == 0;
        if self.started < self.total && taken < self.places && !held_back {
            self.started += 1;
            self.running += 1;
            return Move::Start(self.started - 1);
        }
        // At the end one validation serves all that still run.
        if self.running > 0 && (self.started == self.total || self.unproven == 0) {
            return Move::Wait;
        }
        if self.unproven > 0 {
            self.in_validation = std::mem::take(&mut self.unproven);
            return Move::Validate;
        }
        Move::Done
    }

    /// A replacement has ended.
    pub fn ended(&mut self) {
        self.running -= 1;
        self.unproven += 1;
    }

    /// The validation has passed.
    pub fn validated(&mut self) {
        self.proven += std::mem::take(&mut self.in_validation);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_places_after_the_first_is_proven() {
        let mut window = Window::new(3, 2, true);
        assert_eq!(window.advance(), Move::Start(0));
        assert_eq!(window.advance(), Move::Wait);
        window.ended();
        assert_eq!(window.advance(), Move::Validate);
        window.validated();
        assert_eq!(window.advance(), Move::Start(1));
        assert_eq!(window.advance(), Move::Start(2));
        assert_eq!(window.advance(), Move::Wait);
        window.ended();
        assert_eq!(window.advance(), Move::Wait, "one validation serves the last two");
        window.ended();
        assert_eq!(window.advance(), Move::Validate);
        window.validated();
        assert_eq!(window.advance(), Move::Done);
    }

    proptest! {
        /// Whatever ends when: places are never exceeded, the first proves itself, everything is started and proven.
        #[test]
        fn places_are_kept(total in 0usize..12, places in 0usize..5, first_alone: bool, choices in prop::collection::vec(any::<bool>(), 64)) {
            let mut window = Window::new(total, places, first_alone);
            let mut choices = choices.into_iter();
            let (mut running, mut unproven, mut started, mut proven) = (0, 0, 0, 0);
            loop {
                match window.advance() {
                    Move::Start(index) => {
                        prop_assert_eq!(index, started);
                        prop_assert!(!first_alone || started == 0 || proven > 0);
                        started += 1;
                        running += 1;
                        prop_assert!(running + unproven <= places.max(1));
                    }
                    Move::Wait => {
                        prop_assert!(running > 0);
                        running -= 1;
                        unproven += 1;
                        window.ended();
                    }
                    Move::Validate => {
                        let in_validation = unproven;
                        prop_assert!(in_validation > 0);
                        while running > 0 && choices.next() == Some(true) {
                            running -= 1;
                            unproven += 1;
                            window.ended();
                        }
                        unproven -= in_validation;
                        proven += in_validation;
                        window.validated();
                    }
                    Move::Done => break,
                }
            }
            prop_assert_eq!((started, running, unproven, proven), (total, 0, 0, total));
        }
    }
}
