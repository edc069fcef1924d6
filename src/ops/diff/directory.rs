//! The files of an output directory.

use std::io;
use std::path::Path;

use super::error::DiffError;
use kopsform_compare::Files;
use kopsform_files::{TEXT_LIMIT, read_bounded};
use kopsform_terraform::layout::{ALL_FILES, SINGLE_FILE, VARIABLES_FILE};
use kopsform_terraform::manifest::{MANIFEST_FILE, Manifest};
use kopsform_terraform::{DATA_DIRECTORY, Layout};

/// Reads the files of an output directory that kopsform or kops wrote: those in the manifest, or those of the layouts. Files of
/// others, such as provider blocks, are left out.
///
/// # Errors
/// If the directory cannot be read, or has no such files.
pub(super) fn read(dir: &Path) -> Result<(Files, Layout), DiffError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| DiffError::Directory { path, source }
    };
    let entries = std::fs::read_dir(dir).map_err(failed(dir))?;
    drop(entries);
    let path = dir.join(MANIFEST_FILE);
    let names = match read_bounded(&path, TEXT_LIMIT).map_err(io::Error::from) {
        Ok(bytes) => {
            let invalid = |error: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
            let manifest = Manifest::parse(&bytes).map_err(|error| failed(&path)(invalid(&error)))?;
            manifest.files.into_keys().collect()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => present(dir).map_err(failed(dir))?,
        Err(error) => return Err(failed(&path)(error)),
    };
    let mut files = Files::new();
    for name in names {
        let path = dir.join(&name);
        match read_bounded(&path, TEXT_LIMIT).map_err(io::Error::from) {
            Ok(content) => _ = files.insert(name, content),
            // A file that was removed since is one that changes.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(&path)(error)),
        }
    }
    if !files.keys().any(|name| name.ends_with(".tf")) {
        return Err(DiffError::NoConfiguration(dir.to_owned()));
    }
    let layout = layout(&files);
    Ok((files, layout))
}

/// The files of the layouts and the data files that are there.
fn present(dir: &Path) -> io::Result<Vec<String>> {
    let mut names: Vec<String> =
        ALL_FILES.iter().filter(|name| dir.join(name).is_file()).map(|name| (*name).to_owned()).collect();
    match std::fs::read_dir(dir.join(DATA_DIRECTORY)) {
        Ok(entries) => {
            for entry in entries {
                let entry = entry?;
                if entry.file_type()?.is_file()
                    && let Some(name) = entry.file_name().to_str()
                {
                    names.push(format!("{DATA_DIRECTORY}/{name}"));
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(names)
}

/// The layout of files.
fn layout(files: &Files) -> Layout {
    if files.contains_key(SINGLE_FILE) {
        Layout::Single
    } else if files.contains_key(VARIABLES_FILE) {
        Layout::Module
    } else {
        Layout::Split
    }
}
