//! Keysets for tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::GoldenError;
use kopsform_files::{Mode, TEXT_LIMIT, create_directories, read_bounded, replace};
use kopsform_pki::{Keyset, print_keyset};

/// The directory of keysets, in a case or above it.
pub const DIRECTORY: &str = "keysets";

/// The first line of every keyset.
pub const MARK: &str = "# FOR TESTS ONLY: this key pair is public. Never give it to a cluster.";

/// A keyset without this is refused.
const MARK_START: &str = "# FOR TESTS ONLY";

/// The keysets of a directory, by name, as they are stored.
pub(super) type Stored = Arc<BTreeMap<String, Vec<u8>>>;

/// Directories of keysets that were read.
#[derive(Default)]
pub(super) struct KeysetCache(Mutex<BTreeMap<PathBuf, Stored>>);

impl KeysetCache {
    /// The keysets for a case; none if there is no directory.
    pub(super) fn of_case(&self, case: &Path) -> Result<Stored, GoldenError> {
        let Some(dir) = nearest(case) else { return Ok(Stored::default()) };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keysets) = known.get(&dir) {
            return Ok(keysets.clone());
        }
        let keysets = Arc::new(read(&dir)?);
        known.insert(dir, keysets.clone());
        Ok(keysets)
    }

    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The directory of keysets in a case's directory or the nearest one above.
pub(super) fn nearest(case: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(case).ok()?;
    absolute.ancestors().map(|dir| dir.join(DIRECTORY)).find(|dir| dir.is_dir())
}

fn read(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>, GoldenError> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).map_err(GoldenError::io("read the directory", dir))? {
        let path = entry.map_err(GoldenError::io("read the directory", dir))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".yaml")) else { continue };
        let content =
            read_bounded(&path, TEXT_LIMIT).map_err(|error| GoldenError::io("read the keyset", &path)(error.into()))?;
        if !content.starts_with(MARK_START.as_bytes()) {
            return Err(GoldenError::RealKeyset(path));
        }
        found.insert(name.to_owned(), content.to_vec());
    }
    Ok(found)
}

/// Writes keysets that were made for tests, marked as such.
pub(super) fn write(dir: &Path, keysets: &[&Keyset]) -> Result<(), GoldenError> {
    create_directories(dir).map_err(GoldenError::io("create the directory", dir))?;
    for keyset in keysets {
        let path = dir.join(format!("{}.yaml", keyset.name));
        let text = print_keyset(keyset)
            .map_err(|error| GoldenError::io("write the keyset", &path)(std::io::Error::other(error.to_string())))?;
        let mut content = format!("{MARK}\n").into_bytes();
        content.extend_from_slice(&text);
        replace(&path, &content, Mode::Keep(0o644)).map_err(GoldenError::io("write the keyset", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_keyset_without_the_mark_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let (keysets, case) = (root.path().join(DIRECTORY), root.path().join("deep/case"));
        std::fs::create_dir_all(&keysets).unwrap();
        std::fs::create_dir_all(&case).unwrap();
        let cache = KeysetCache::default();
        std::fs::write(keysets.join("kubernetes-ca.yaml"), "kind: Keyset\n").unwrap();
        assert!(matches!(cache.of_case(&case), Err(GoldenError::RealKeyset(_))));
        std::fs::write(keysets.join("kubernetes-ca.yaml"), format!("{MARK}\nkind: Keyset\n")).unwrap();
        assert_eq!(cache.of_case(&case).unwrap().keys().collect::<Vec<_>>(), ["kubernetes-ca"]);
    }
}
