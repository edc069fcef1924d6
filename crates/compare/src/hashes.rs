//! Hashes of files that other files hold: `NodeupConfigHash` in boot scripts, `manifestHash` in the channel of addons. When the
//! file changes, its hash follows; only the file is worth a finding.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::Files;

/// Documents nest in strings of others less than this: user data in a manifest, its configuration, a file in that.
const MAX_DEPTH: usize = 5;

type ByHash<'f> = HashMap<String, Vec<&'f str>>;

/// The hashes of the files of both sets, computed when the first one is looked for.
pub(crate) struct Hashes<'f> {
    old: Option<&'f Files>,
    new: Option<&'f Files>,
    known: OnceCell<(ByHash<'f>, ByHash<'f>)>,
    /// How many documents within documents are being compared.
    depth: Cell<usize>,
    /// Pairs that followed from files since the last call of [`Hashes::take_followed`].
    followed: RefCell<Vec<(String, String)>>,
}

impl<'f> Hashes<'f> {
    pub(crate) fn of(old: &'f Files, new: &'f Files) -> Self {
        Self {
            old: Some(old),
            new: Some(new),
            known: OnceCell::new(),
            depth: Cell::new(0),
            followed: RefCell::default(),
        }
    }

    /// Of single files: a different hash is a difference.
    pub(crate) fn none() -> Self {
        Self { old: None, new: None, known: OnceCell::new(), depth: Cell::new(0), followed: RefCell::default() }
    }

    /// Whether both strings are the hashes of the same file, each in its set.
    pub(crate) fn follow(&self, old: &str, new: &str) -> bool {
        let (Some(old_files), Some(new_files)) = (self.old, self.new) else { return false };
        if !is_hash(old) || !is_hash(new) {
            return false;
        }
        let (a, b) = self.known.get_or_init(|| (by_hash(old_files), by_hash(new_files)));
        let (Some(a), Some(b)) = (a.get(old), b.get(new)) else { return false };
        // Layouts name files differently.
        let same = a.iter().any(|file| b.contains(file) || !new_files.contains_key(*file));
        if same {
            self.followed.borrow_mut().push((old.to_owned(), new.to_owned()));
        }
        same
    }

    /// Compares a document within another one; `None` if it is too deep within others.
    pub(crate) fn within<R>(&self, compare: impl FnOnce() -> R) -> Option<R> {
        if self.depth.get() >= MAX_DEPTH {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let result = compare();
        self.depth.set(self.depth.get() - 1);
        Some(result)
    }

    pub(crate) fn take_followed(&self) -> Vec<(String, String)> {
        self.followed.take()
    }
}

/// SHA-256 in hexadecimal digits or base64.
fn is_hash(text: &str) -> bool {
    match text.len() {
        64 => text.bytes().all(|b| b.is_ascii_hexdigit()),
        44 => text.ends_with('='),
        _ => false,
    }
}

fn by_hash(files: &Files) -> ByHash<'_> {
    let mut found: ByHash<'_> = HashMap::new();
    for (file, content) in files {
        let hash = Sha256::digest(content);
        found.entry(hash.iter().map(|byte| format!("{byte:02x}")).collect()).or_default().push(file);
        found.entry(STANDARD.encode(hash)).or_default().push(file);
    }
    found
}
