//! Inputs of fuzz targets: valid files with changes, and arbitrary strings.

use std::fs;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::FileFailurePersistence;

use crate::support::root;

/// The time any input may take, in a build without optimization on a busy machine.
const LIMIT: Duration = Duration::from_secs(5);

/// The longest message about a file, in bytes: more than what findings and messages of libraries are shortened to.
pub const LONGEST_MESSAGE: usize = 6000;

/// The longest token, in characters.
const LONGEST: usize = 70_000;

/// Characters with a meaning in some format, and those that some formats count as line ends or white space.
const SPECIAL: [&str; 47] = [
    "\n",
    "\r",
    "\r\n",
    "\t",
    " ",
    "  ",
    "\u{0}",
    "\u{7}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{fffd}",
    "\u{10ffff}",
    "\u{d7ff}",
    "e\u{301}",
    "👩‍💻",
    "{",
    "}",
    "[",
    "]",
    "{{",
    "}}",
    "${",
    "%{",
    "\"",
    "'",
    "\\",
    "\\u",
    "`",
    "#",
    ": ",
    "- ",
    ",",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "---\n",
    "|\n",
    "<<EOT\n",
    "1e999",
    "-0",
    "18446744073709551616",
];

/// The configuration of a target, with at most `cases` inputs where one takes long.
pub fn up_to(cases: u32) -> ProptestConfig {
    let asked = std::env::var("KOPSFORM_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(cases),
        max_shrink_iters: 200,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    }
}

/// The configuration of a target.
pub fn config() -> ProptestConfig {
    up_to(32)
}

/// Runs a parser and fails if it takes too long.
pub fn bounded<T>(run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    assert!(start.elapsed() < LIMIT, "took {:?}", start.elapsed());
    result
}

/// A few characters of any kind.
pub fn token() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => vec(any::<char>(), 0..8).prop_map(String::from_iter),
        4 => vec(select(SPECIAL.to_vec()), 1..4).prop_map(|parts| parts.concat()),
        2 => "[a-zA-Z0-9._/-]{1,12}",
        1 => long(),
    ]
}

/// One piece many times, which makes a long token, a long line or a deep nesting.
fn long() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        select(SPECIAL.to_vec()).prop_map(str::to_owned),
        "[a-z0-9:{\\[-]{1,3}",
    ];
    (piece, 1..LONGEST).prop_map(|(piece, characters)| piece.repeat((characters / piece.chars().count()).max(1)))
}

/// Text without any form.
pub fn noise() -> impl Strategy<Value = String> {
    vec(token(), 0..12).prop_map(|tokens| tokens.concat())
}

/// A change of an input.
#[derive(Debug, Clone)]
enum Edit {
    Insert(Index, String),
    Delete(Index, usize),
    /// A part again, somewhere else.
    Repeat(Index, usize, Index),
    /// Everything up to a place.
    Cut(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        6 => (any::<Index>(), token()).prop_map(|(at, text)| Edit::Insert(at, text)),
        3 => (any::<Index>(), 1..40usize).prop_map(|(at, length)| Edit::Delete(at, length)),
        2 => (any::<Index>(), 1..200usize, any::<Index>()).prop_map(|(from, length, to)| Edit::Repeat(from, length, to)),
        1 => any::<Index>().prop_map(Edit::Cut),
    ]
}

impl Edit {
    fn apply(self, text: &mut String) {
        let length = text.len() + 1;
        let place = |text: &str, index: Index| text.floor_char_boundary(index.index(length));
        match self {
            Self::Insert(at, part) => text.insert_str(place(text, at), &part),
            Self::Delete(at, count) => {
                let start = place(text, at);
                let end = text.ceil_char_boundary((start + count).min(text.len()));
                text.replace_range(start..end, "");
            }
            Self::Repeat(from, count, to) => {
                let start = place(text, from);
                let end = text.ceil_char_boundary((start + count).min(text.len()));
                let part = text[start..end].to_owned();
                text.insert_str(place(text, to), &part);
            }
            Self::Cut(at) => text.truncate(place(text, at)),
        }
    }
}

/// A valid file with some changes, or text without any form.
pub fn mutated(files: Vec<String>) -> impl Strategy<Value = String> {
    let changed = (select(files), vec(edit(), 0..6)).prop_map(|(mut text, edits)| {
        edits.into_iter().for_each(|edit| edit.apply(&mut text));
        text
    });
    prop_oneof![5 => changed, 1 => noise()]
}

/// Files of this repository, by their paths.
pub fn files<const N: usize>(paths: [&str; N]) -> Vec<String> {
    paths
        .iter()
        .map(|path| fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}")))
        .collect()
}
