//! Finds cases.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::GoldenError;
use crate::project::FILE_NAME;

/// A golden test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its directory relative to the one that was searched, with slashes; the directory's own name if it is that one.
    pub name: String,
    /// Its directory.
    pub dir: PathBuf,
}

/// Selects cases by name.
#[derive(Debug, Clone)]
pub struct Filter(Regex);

/// Directories nest less than this.
const MAX_DEPTH: usize = 16;

impl Filter {
    /// A regular expression, of which a part of a name is the simplest.
    ///
    /// # Errors
    /// If it is not a regular expression.
    pub fn parse(text: &str) -> Result<Self, GoldenError> {
        let reason = |error: regex::Error| GoldenError::Filter {
            text: text.to_owned(),
            reason: error.to_string().lines().last().unwrap_or_default().trim().to_owned(),
        };
        Regex::new(text).map(Self).map_err(reason)
    }
}

/// The cases in a directory and below it, sorted by name. A case is not searched for others, and links are not followed.
///
/// # Errors
/// If the directory cannot be read, or there is no case that matches.
pub fn find(root: &Path, filter: Option<&Filter>) -> Result<Vec<Case>, GoldenError> {
    let mut cases = Vec::new();
    search(root, root, 0, &mut cases)?;
    if cases.is_empty() {
        return Err(GoldenError::NoCases(root.to_owned()));
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    let Some(filter) = filter else { return Ok(cases) };
    let (matching, others): (Vec<Case>, Vec<Case>) = cases.into_iter().partition(|case| filter.0.is_match(&case.name));
    if matching.is_empty() {
        let mut known: Vec<String> = others.into_iter().map(|case| case.name).collect();
        if known.len() > 10 {
            let more = known.len() - 10;
            known.truncate(10);
            known.push(format!("{more} more"));
        }
        return Err(GoldenError::NoMatch { filter: filter.0.to_string(), dir: root.to_owned(), known });
    }
    Ok(matching)
}

fn search(root: &Path, dir: &Path, depth: usize, cases: &mut Vec<Case>) -> Result<(), GoldenError> {
    if dir.join(FILE_NAME).is_file() {
        cases.push(Case { name: name_of(root, dir), dir: dir.to_owned() });
        return Ok(());
    }
    if depth >= MAX_DEPTH {
        return Ok(());
    }
    for entry in fs::read_dir(dir).map_err(GoldenError::io("read the directory", dir))? {
        let entry = entry.map_err(GoldenError::io("read the directory", dir))?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !is_hidden && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            search(root, &entry.path(), depth + 1, cases)?;
        }
    }
    Ok(())
}

fn name_of(root: &Path, dir: &Path) -> String {
    let relative = dir.strip_prefix(root).unwrap_or(dir);
    if !relative.as_os_str().is_empty() {
        let parts = relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        return parts.collect::<Vec<_>>().join("/");
    }
    let absolute = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    absolute.file_name().map_or_else(|| ".".to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn cases(paths: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for path in paths {
            fs::create_dir_all(root.path().join(path)).unwrap();
            fs::write(root.path().join(path).join(FILE_NAME), "").unwrap();
        }
        root
    }

    #[test]
    fn cases_are_found_at_any_depth_and_not_within_cases() {
        let root = cases(&["b", "a/one", "a/two", "b/out/inner", ".hidden/c"]);
        let names: Vec<String> = find(root.path(), None).unwrap().into_iter().map(|case| case.name).collect();
        assert_eq!(names, ["a/one", "a/two", "b"]);
        assert_eq!(find(&root.path().join("b"), None).unwrap()[0].name, "b");
    }

    #[test]
    fn a_filter_is_a_part_of_a_name_or_a_regular_expression() {
        let root = cases(&["dns", "gossip", "other"]);
        let names = |filter: &str| {
            let found = find(root.path(), Some(&Filter::parse(filter).unwrap()));
            found.map(|cases| cases.into_iter().map(|case| case.name).collect::<Vec<_>>())
        };
        assert_eq!(names("oss").unwrap(), ["gossip"]);
        assert_eq!(names("^(dns|other)$").unwrap(), ["dns", "other"]);
        assert!(names("nothing").unwrap_err().to_string().ends_with("has dns, gossip, other"));
        assert!(Filter::parse("(").is_err());
    }
}
