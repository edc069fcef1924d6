//! Hashes of files that other files hold: `NodeupConfigHash` in boot scripts, `manifestHash` in the channel of addons. When the
//! file changes, its hash follows; only the file is worth a finding.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::Files;

type ByHash<'f> = HashMap<String, Vec<&'f str>>;

/// The hashes of the files of both sets, computed when the first one is looked for.
pub(crate) struct Hashes<'f> {
    old: Option<&'f Files>,
    new: Option<&'f Files>,
    known: OnceCell<(ByHash<'f>, ByHash<'f>)>,
    /// Pairs that followed from files since the last call of [`Hashes::take_followed`].
    followed: RefCell<Vec<(String, String)>>,
}

impl<'f> Hashes<'f> {
    pub(crate) fn of(old: &'f Files, new: &'f Files) -> Self {
        Self { old: Some(old), new: Some(new), known: OnceCell::new(), followed: RefCell::default() }
    }

    /// Of single files: a different hash is a difference.
    pub(crate) fn none() -> Self {
        Self { old: None, new: None, known: OnceCell::new(), followed: RefCell::default() }
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
