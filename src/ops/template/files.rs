//! Files and directories of templates, snippets and values.

use kopsform_files::{ReadError, TEXT_LIMIT, read_text_bounded};
use std::path::{Path, PathBuf};

use super::TemplateError;
use kopsform_env::{self as env, Environment};

/// Expands paths to files: a directory stands for all files below it, in the order of their names; `~` is the home directory.
///
/// # Errors
/// When one cannot be read.
pub fn expand(paths: &[String], what: &'static str, environment: &Environment) -> Result<Vec<PathBuf>, TemplateError> {
    let mut files = Vec::new();
    for path in paths {
        let path = match (path.strip_prefix('~'), environment.get(env::HOME)) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                PathBuf::from(format!("{home}{rest}"))
            }
            _ => PathBuf::from(path),
        };
        collect(&path, &mut files).map_err(|(path, source)| TemplateError::Read { what, path, source })?;
    }
    Ok(files)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, std::io::Error)> {
    let failed = |source| (path.to_owned(), source);
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).map_err(failed)?;
    let mut entries = entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    entries.sort();
    for entry in entries {
        // A link to a directory is not followed: links can form a loop.
        let kind = std::fs::symlink_metadata(&entry).map_err(|source| (entry.clone(), source))?.file_type();
        if kind.is_symlink() && entry.is_dir() {
            continue;
        }
        collect(&entry, files)?;
    }
    Ok(())
}

pub(super) fn read(path: &Path, what: &'static str) -> Result<String, TemplateError> {
    read_text_bounded(path, TEXT_LIMIT).map_err(|error| match error {
        ReadError::NotUtf8 { path } => TemplateError::NotText { what, path },
        error => TemplateError::Read { what, path: path.to_owned(), source: error.into() },
    })
}
