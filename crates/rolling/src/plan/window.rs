//! When the next instance of a group may be replaced.

/// The next action in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Start the replacement of this instance, by its index.
    Start(usize),
    /// Validate the cluster, so that the replacements are proven.
    Validate,
    /// Wait until a running replacement ends.
    Wait,
    /// All are replaced and proven.
    Done,
    /// Any further replacement would leave the group with fewer instances than its settings allow.
    Stuck,
}

/// The state of an instance when the replacements of its group begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberState {
    /// It was detached from its group, which started a replacement: it serves in excess of the group's size.
    pub detached: bool,
    /// It takes new pods. One that was cordoned before takes none, so the group loses no capacity with it.
    pub serving: bool,
}

/// Bounds on concurrent replacements in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many may run or be unproven at once; 0 counts as 1.
    pub at_once: usize,
    /// How many instances may be missing of the group's size.
    pub max_unavailable: usize,
    /// Whether they go one at a time until one is proven.
    pub first_alone: bool,
}

/// Counts replacements that run, and those that ended and are not proven by a validation yet. Both occupy a slot.
///
/// A validation proves only what ended before it began: it may not see what ends meanwhile.
///
/// Besides the slots there is the capacity promised by `max_unavailable`: detached instances compensate for missing members
/// as long as they serve. So each detached instance that is terminated reduces how many members may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacementWindow {
    limits: Limits,
    states: Vec<MemberState>,
    /// Not started yet, in order.
    pending: Vec<usize>,
    running: usize,
    /// Ended since the last validation began, each with whether its instance was terminated.
    unproven: Vec<(usize, bool)>,
    in_validation: Vec<(usize, bool)>,
    proven: bool,
    /// Members that take no new pods: those that did not from the start, and those whose replacement is not proven.
    missing: usize,
    /// Detached instances that still serve.
    spare: usize,
}

impl ReplacementWindow {
    /// A window over the replacements of these instances, in their order.
    pub fn new(states: Vec<MemberState>, limits: Limits) -> Self {
        let count = |detached, serving| states.iter().filter(|s| **s == MemberState { detached, serving }).count();
        Self {
            limits: Limits { at_once: limits.at_once.max(1), ..limits },
            pending: (0..states.len()).collect(),
            running: 0,
            unproven: Vec::new(),
            in_validation: Vec::new(),
            proven: false,
            missing: count(false, false),
            spare: count(true, true),
            states,
        }
    }

    /// The next action. `Start` and `Validate` count as started.
    pub fn advance(&mut self) -> Decision {
        let taken = self.running + self.unproven.len() + self.in_validation.len();
        let held_back = self.limits.first_alone && !self.proven && taken > 0;
        if taken < self.limits.at_once
            && !held_back
            && let Some(position) = self.next()
        {
            return Decision::Start(self.start(position));
        }
        // At the end one validation covers all that still run.
        if self.running > 0 && (self.pending.is_empty() || self.unproven.is_empty()) {
            return Decision::Wait;
        }
        if !self.unproven.is_empty() {
            self.in_validation = std::mem::take(&mut self.unproven);
            return Decision::Validate;
        }
        if self.pending.is_empty() { Decision::Done } else { Decision::Stuck }
    }

    /// The position among the pending of the next one: the first if the capacity allows it, else one without capacity to
    /// lose.
    fn next(&self) -> Option<usize> {
        let first = self.states[*self.pending.first()?];
        if self.allows(first) { Some(0) } else { self.pending.iter().position(|i| !self.states[*i].serving) }
    }

    fn allows(&self, state: MemberState) -> bool {
        let room = self.limits.max_unavailable + self.spare;
        match state {
            MemberState { serving: false, .. } => true,
            MemberState { detached: false, .. } => self.missing < room,
            MemberState { detached: true, .. } => self.missing < room && self.spare > 0,
        }
    }

    fn start(&mut self, position: usize) -> usize {
        let index = self.pending.remove(position);
        self.running += 1;
        match self.states[index] {
            MemberState { serving: false, .. } => {}
            MemberState { detached: false, .. } => self.missing += 1,
            MemberState { detached: true, .. } => self.spare -= 1,
        }
        index
    }

    /// Records the end of a replacement; `gone` is false for an instance that was skipped and serves again.
    pub fn ended(&mut self, index: usize, gone: bool) {
        self.running -= 1;
        self.unproven.push((index, gone));
    }

    /// Records that the validation has passed.
    pub fn validated(&mut self) {
        for (index, gone) in std::mem::take(&mut self.in_validation) {
            self.proven |= gone;
            let MemberState { detached, serving } = self.states[index];
            // One that took no pods before and was skipped takes none now.
            if !detached && (gone || serving) {
                self.missing -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    const MEMBER: MemberState = MemberState { detached: false, serving: true };
    const DETACHED: MemberState = MemberState { detached: true, serving: true };
    const CORDONED: MemberState = MemberState { detached: false, serving: false };

    fn window(states: &[MemberState], at_once: usize, max_unavailable: usize, first_alone: bool) -> ReplacementWindow {
        ReplacementWindow::new(states.to_vec(), Limits { at_once, max_unavailable, first_alone })
    }

    /// Ends a replacement and validates it.
    fn prove(window: &mut ReplacementWindow, index: usize) {
        window.ended(index, true);
        assert_eq!(window.advance(), Decision::Validate);
        window.validated();
    }

    #[test]
    fn two_at_once_after_the_first_is_proven() {
        let mut window = window(&[MEMBER; 3], 2, 2, true);
        assert_eq!(window.advance(), Decision::Start(0));
        assert_eq!(window.advance(), Decision::Wait);
        prove(&mut window, 0);
        assert_eq!(window.advance(), Decision::Start(1));
        assert_eq!(window.advance(), Decision::Start(2));
        assert_eq!(window.advance(), Decision::Wait);
        window.ended(2, true);
        assert_eq!(window.advance(), Decision::Wait, "one validation covers the last two");
        window.ended(1, true);
        assert_eq!(window.advance(), Decision::Validate);
        window.validated();
        assert_eq!(window.advance(), Decision::Done);
    }

    #[test]
    fn a_skipped_instance_proves_nothing() {
        let mut window = window(&[MEMBER; 3], 2, 2, true);
        assert_eq!(window.advance(), Decision::Start(0));
        window.ended(0, false);
        assert_eq!(window.advance(), Decision::Validate);
        window.validated();
        assert_eq!(window.advance(), Decision::Start(1));
        assert_eq!(window.advance(), Decision::Wait, "still one at a time");
        prove(&mut window, 1);
        assert_eq!(window.advance(), Decision::Start(2));
    }

    #[test]
    fn a_detached_instance_waits_for_the_member_it_compensates_for() {
        let mut window = window(&[MEMBER, MEMBER, DETACHED, DETACHED], 2, 0, false);
        assert_eq!(window.advance(), Decision::Start(0));
        assert_eq!(window.advance(), Decision::Start(1));
        assert_eq!(window.advance(), Decision::Wait);
        prove(&mut window, 0);
        assert_eq!(window.advance(), Decision::Start(2), "one of the two is no longer needed");
        assert_eq!(window.advance(), Decision::Wait);
        prove(&mut window, 2);
        assert_eq!(window.advance(), Decision::Wait, "the other is, while 1 is missing");
        prove(&mut window, 1);
        assert_eq!(window.advance(), Decision::Start(3));
    }

    #[test]
    fn cordoned_instances_go_first_when_others_may_not() {
        let mut window = window(&[MEMBER, CORDONED], 1, 0, false);
        assert_eq!(window.advance(), Decision::Start(1));
        prove(&mut window, 1);
        assert_eq!(window.advance(), Decision::Stuck, "nothing compensates for the last one");
    }

    proptest! {
        /// In any order of events: slots are never exceeded, the first is proven, the group keeps its capacity, and
        /// everything is replaced unless nothing could ever compensate for it.
        #[test]
        fn slots_and_capacity_are_kept(
            states in prop::collection::vec((any::<bool>(), 0u8..4), 0..10),
            at_once in 0usize..5,
            max_unavailable in 0usize..4,
            first_alone: bool,
            choices in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), 0u8..6), 64),
        ) {
            let states: Vec<_> =
                states.into_iter().map(|(detached, out)| MemberState { detached, serving: out > 0 }).collect();
            let mut window = ReplacementWindow::new(states.clone(), Limits { at_once, max_unavailable, first_alone });
            let mut choices = choices.into_iter().cycle();
            // Whether each instance of the group, or its replacement, takes new pods.
            let mut members: Vec<bool> = states.iter().map(|s| !s.detached && s.serving).collect();
            let mut spares: Vec<bool> = states.iter().map(|s| s.detached && s.serving).collect();
            let size = states.iter().filter(|s| !s.detached).count();
            let able = |members: &[bool], spares: &[bool]| members.iter().chain(spares).filter(|able| **able).count();
            let (mut running, mut unproven) = (Vec::new(), Vec::<(usize, bool)>::new());
            let (mut done, mut proven) = (0, false);
            loop {
                match window.advance() {
                    Decision::Start(index) => {
                        running.push(index);
                        let taken = running.len() + unproven.len();
                        prop_assert!(taken <= at_once.max(1));
                        prop_assert!(!first_alone || proven || taken == 1);
                        if states[index].serving {
                            members[index] = false;
                            spares[index] = false;
                            let able = able(&members, &spares);
                            prop_assert!(able + max_unavailable >= size, "{} of {}", able, size);
                        }
                    }
                    Decision::Wait => {
                        prop_assert!(!running.is_empty());
                        let (_, which, skipped) = choices.next().unwrap();
                        let index = running.swap_remove(which.index(running.len()));
                        unproven.push((index, skipped > 0));
                        window.ended(index, skipped > 0);
                    }
                    Decision::Validate => {
                        let in_validation = std::mem::take(&mut unproven);
                        prop_assert!(!in_validation.is_empty());
                        while !running.is_empty() && choices.next().unwrap().0 {
                            let index = running.swap_remove(0);
                            unproven.push((index, true));
                            window.ended(index, true);
                        }
                        for (index, gone) in in_validation {
                            done += 1;
                            proven |= gone;
                            members[index] = !states[index].detached && (gone || states[index].serving);
                        }
                        window.validated();
                    }
                    Decision::Done => break,
                    Decision::Stuck => {
                        prop_assert!(running.is_empty() && unproven.is_empty());
                        prop_assert!(able(&members, &spares) + max_unavailable <= size, "one more could go");
                        return Ok(());
                    }
                }
            }
            prop_assert!(running.is_empty() && unproven.is_empty());
            prop_assert_eq!(done, states.len());
        }
    }
}
